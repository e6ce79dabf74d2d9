"""A handful of published people, written straight to schema `activation`: quick to change thousands of times."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import sql

from activation.consent import permitted
from activation.sync.block import SyncBlock


@dataclass(frozen=True)
class Person:
    """What of a customer can change between two syncs."""

    email: str | None
    granted: bool = True
    member: bool = True
    value: int = 1
    records: tuple[str, ...] = ()

    def but(self, **changes: Any) -> Person:
        return replace(self, **changes)


def write(connection: psycopg.Connection[Any], people: dict[str, Person]) -> None:
    """Make these all that is published."""
    with connection.transaction():
        connection.execute(
            "truncate activation.profiles, activation.profile_identifiers, activation.segment_members, "
            "activation.contact_permissions, activation.consents"
        )
        connection.execute(
            "insert into activation.segments (segment, purpose, destinations, minimum_link_strength, size) "
            "values ('vip', 'marketing', '{}', 0, 0) on conflict do nothing"
        )
        for customer_id, person in people.items():
            document = {"metrics": {"lifetime_value": person.value}, "segments": ["vip"] if person.member else []}
            connection.execute(
                "insert into activation.profiles (customer_id, document, link_strength, content_hash) "
                "values (%s, %s::jsonb, 1, md5(%s)::uuid)",
                [customer_id, json.dumps(document), json.dumps(document)],
            )
            state = "granted" if person.granted else "denied"
            connection.execute(
                "insert into activation.consents values (%s, 'email', 'marketing', %s)", [customer_id, state]
            )
            if person.email:
                connection.execute(
                    "insert into activation.contact_permissions "
                    "values (%s, 'email', %s, %s, 'personal', true, 1, %s, %s)",
                    [
                        customer_id, person.email, person.email,
                        ["email:marketing"] if person.granted else [], [] if person.granted else ["email:marketing"],
                    ],
                )  # fmt: skip
            if person.member:
                connection.execute("insert into activation.segment_members values ('vip', %s)", [customer_id])
            for record in person.records:
                connection.execute(
                    "insert into activation.profile_identifiers values ('record_id', %s, %s)", [record, customer_id]
                )


def wanted(
    connection: psycopg.Connection[Any], block: SyncBlock, people: dict[str, Person]
) -> dict[str, list[dict[str, Any]]]:
    """Address -> what any of those who may be reached there would have it hold, as the gate says."""
    found: dict[str, list[dict[str, Any]]] = {}
    query = sql.SQL("select customer_id, address from ({}) as gate where exclusion is null").format(permitted(block))
    with connection.transaction():
        answers = connection.execute(query).fetchall()
    for customer_id, address in answers:
        if customer_id in people and people[customer_id].member:
            found.setdefault(address, []).append({"value": people[customer_id].value})
    return found
