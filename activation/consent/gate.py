"""The one gate: who may be contacted, on which channel, at which address, and why the others may not.

Every destination asks here, and nobody else reads `activation.contact_permissions` (a test of the architecture sees to
it). The rules, in order, are docs/consent.md; `gate_sql` has them as one query. What is asked:

- `permitted(block)`: a declared sync, as the engine asks.
- `decisions(channel)`: every segment and member, for one channel.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, Protocol

from psycopg import sql

from activation.consent.gate_sql import EVERY_SEGMENT, JUDGED, OF_BLOCK
from activation.consent.rules import ASKED, CONTACT_KINDS, NO_CHANNEL, GateRules, Purpose
from activation.database import Connection


class AsksPermission(Protocol):
    """What the gate must know of a sync; `activation.sync.block.SyncBlock` is one."""

    @property
    def name(self) -> str:
        """The name that its deliveries are remembered under."""
        ...

    @property
    def model(self) -> str:
        """`customers`, or `segment:<name>`."""
        ...

    @property
    def channel(self) -> str:
        """A key of `CONTACT_KINDS`."""
        ...

    @property
    def purpose(self) -> str:
        """marketing or service."""
        ...

    @property
    def minimum_link_strength(self) -> float:
        """0 to 1; where the segment asks for more, that holds."""
        ...


def permitted(
    block: AsksPermission, rules: GateRules | None = None, *, only: Collection[str] | None = None
) -> sql.Composed:
    """The gate as a query, for a sync: one row per customer who is in its model or whom its destination may hold.

    Columns: customer_id; address (the one to use; null when excluded and for the channel `none`); addresses (text[],
    all that may be used, the best first; of advertising e-mails before phones; empty when excluded); exclusion (an
    `Exclusion`; null when permitted). Whether the customer is in the model now is not judged: who left it and may be
    contacted has no exclusion.

    Suppressions are read when the query runs. `only` narrows it to some customers, so that a batch can be asked about
    again just before it is sent.

    Raises:
        KeyError: if the channel is none of `CONTACT_KINDS`.
    """
    segment = block.model.removeprefix("segment:") if block.model.startswith("segment:") else None
    population = sql.SQL(OF_BLOCK).format(
        segment=sql.Literal(segment),
        destination=sql.Literal(block.name),
        is_service=sql.Literal(str(block.purpose) == Purpose.SERVICE and str(block.channel) != "advertising"),
        strength=sql.Literal(block.minimum_link_strength),
        only=sql.SQL("true")
        if only is None
        else sql.SQL("listed.customer_id = any({}::text[])").format(sql.Literal(sorted(only))),
    )
    return sql.SQL("select customer_id, address, addresses, exclusion from ({}) as permitted").format(
        _judged(population, str(block.channel), rules)
    )


def excluded(connection: Connection, block: AsksPermission, rules: GateRules | None = None) -> dict[str, int]:
    """How many members of a sync's model the gate keeps out, per `Exclusion`; nobody is named."""
    segment = block.model.removeprefix("segment:") if block.model.startswith("segment:") else None
    query = sql.SQL("""
        select exclusion, count(*)
        from ({}) as gate
        where exclusion is not null and (
            {} is null
            or customer_id in (select customer_id from activation.segment_members where segment = {})
        )
        group by exclusion
        order by exclusion
    """).format(permitted(block, rules), sql.Literal(segment), sql.Literal(segment))
    with connection.transaction():
        return dict(connection.execute(query).fetchall())


def decisions(channel: str, rules: GateRules | None = None) -> sql.Composed:
    """The gate as a query: one row per segment and member, for one channel.

    Columns: segment, customer_id, purpose, destination_address (null when excluded, and for every purpose but marketing
    and service), exclusion (an `Exclusion`; null when the member may be contacted, or for a suppression list must be
    listed).

    Raises:
        KeyError: if the channel is none of `CONTACT_KINDS`.
    """
    return sql.SQL("""
        select segment, customer_id, purpose, address as destination_address, exclusion from ({}) as decided
    """).format(_judged(sql.SQL(EVERY_SEGMENT), channel, rules))


def eligible(connection: Connection, segment: str, channel: str, rules: GateRules | None = None) -> frozenset[str]:
    """The customer ids of `segment` that may be contacted on `channel` for the purpose of that segment.

    Raises:
        KeyError: if the channel is none of `CONTACT_KINDS`.
    """
    query = sql.SQL("select customer_id from ({}) as gate where segment = {} and exclusion is null").format(
        decisions(channel, rules), sql.Literal(segment)
    )
    with connection.transaction():
        return frozenset(row[0] for row in connection.execute(query))


def hashed_addresses() -> sql.Composed:
    """A query for lists that keep people out of what a tool sends: columns customer_id, kind, sha256.

    A row per e-mail address and phone number of every customer, as the SHA-256 of the lower-cased address. Nobody can
    be written to by it, so nobody is asked for permission: who is left out of such a list is sent more.
    """
    return sql.SQL("""
        select distinct customer_id, kind, encode(sha256(convert_to(lower(value), 'UTF8')), 'hex') as sha256
        from activation.contact_permissions
    """).format()


_MARKETING: Final = f":{Purpose.MARKETING}"


def _judged(population: sql.Composable, channel: str, rules: GateRules | None) -> sql.Composed:
    rules = rules or GateRules()
    kinds, asked = CONTACT_KINDS[channel], ASKED[channel]
    return sql.SQL(JUDGED).format(
        population=population,
        channel=sql.Literal(channel),
        has_channel=sql.Literal(channel != NO_CHANNEL),
        kinds=_array(kinds),
        asked_channels=_array(asked),
        asked_for_marketing=_array(name + _MARKETING for name in asked),
        asked_for_service=_array([f"{channel}:{Purpose.SERVICE}"]),
        blocking=_array(rules.promotion_blocked_by),
        verified_only=sql.Literal(channel in rules.verified_only),
    )


def _array(words: Iterable[str]) -> sql.Composed:
    return sql.SQL("{}::text[]").format(sql.Literal(list(words)))
