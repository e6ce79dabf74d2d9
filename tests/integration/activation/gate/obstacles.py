"""Where dbt's answer to who can be contacted, and why not, is another than the gate's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

from activation.consent.gate import permitted
from activation.consent.rules import ASKED, NO_CHANNEL, GateRules, Purpose


@dataclass(frozen=True)
class Question:
    """Every customer, on one channel for one purpose, however surely they are one person."""

    channel: str
    purpose: str
    name: str = "nothing_is_held"
    model: str = "customers"
    minimum_link_strength: float = 0


QUESTIONS: Final = tuple(
    Question(channel, purpose)
    for channel in ASKED
    if channel != NO_CHANNEL
    for purpose in (Purpose.MARKETING, Purpose.SERVICE)
    if (channel, purpose) != ("advertising", Purpose.SERVICE)  # always marketing, to the gate
)


def differences(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    """Channel, purpose, customer, the gate's reason and `golden.contact_obstacles`'; without what dbt cannot know."""
    rules = GateRules(promotion_blocked_by=())
    with connection.transaction(force_rollback=True):
        connection.execute("delete from activation.suppressions")
        connection.execute("update activation.segments set holds_back = false")
        connection.execute("create temporary table told on commit drop as select * from golden.contact_obstacles")
        asked = sql.SQL(" union all ").join(
            sql.SQL("""
                select {channel}, {purpose}, customer_id, gate.exclusion, told.{column}
                from ({gate}) as gate
                full join (select * from pg_temp.told where purpose = {purpose}) as told using (customer_id)
                where gate.exclusion is distinct from told.{column}
            """).format(
                channel=sql.Literal(question.channel),
                purpose=sql.Literal(str(question.purpose)),
                column=sql.Identifier(question.channel),
                gate=permitted(question, rules),
            )
            for question in QUESTIONS
        )
        return connection.execute(asked).fetchall()
