"""Receipts: what an erasure did in each table and at each destination, and who still sends the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from activation.database import ActivationError, Connection
from activation.privacy.erasure import TableOutcome
from activation.privacy.place import Treatment


@dataclass(frozen=True)
class DestinationOutcome:
    """What a destination was asked to forget, and whether it has."""

    destination: str
    rows: int
    waiting: int
    acknowledged_at: datetime | None
    reason: str | None
    """Of a refusal, in the vendor's words."""
    forgotten_at: datetime | None = None
    """When somebody let the destination go, by `braid sync forget`, before it had acknowledged."""
    forgotten_by: str | None = None

    @property
    def state(self) -> str:
        """`acknowledged`; `pending`; or `forgotten`: nobody asks the destination any more."""
        if self.forgotten_at is not None:
            return "forgotten"
        return "pending" if self.waiting else "acknowledged"


@dataclass(frozen=True)
class StillSent:
    """Rows of an erased person that a source brought again, and that were held back."""

    source: str
    stream: str
    reason: str
    rows: int
    last_at: datetime


@dataclass(frozen=True)
class Receipt:
    """One erasure; nothing in it says who the person was."""

    erasure_id: str
    customer_id: str
    scope: str
    requested_by: str
    erased_at: datetime
    completed_at: datetime | None
    tables: tuple[TableOutcome, ...]
    destinations: tuple[DestinationOutcome, ...]
    still_sent: tuple[StillSent, ...]
    tombstones: int


def settle(connection: Connection) -> None:
    """Note which destinations have acknowledged by now, and of which erasures nothing is left to do."""
    with connection.transaction():
        connection.execute(
            "update activation.erasure_destinations as asked set acknowledged_at = now() "
            "from activation.erasures as erasure "
            "where asked.acknowledged_at is null and asked.forgotten_at is null "
            "and erasure.erasure_id = asked.erasure_id and not exists ("
            "select from activation.deliveries as held where held.destination = asked.destination "
            "and held.erase_requested and held.customer_id = erasure.customer_id)"
        )
        connection.execute(
            "update activation.erasures as erasure set completed_at = now() where completed_at is null and not exists ("
            "select from activation.erasure_destinations as asked "
            "where asked.erasure_id = erasure.erasure_id and asked.acknowledged_at is null "
            "and asked.forgotten_at is null)"
        )


def receipts(connection: Connection) -> list[Receipt]:
    """Every receipt, the latest first, without the tables."""
    settle(connection)
    with connection.transaction():
        rows = connection.execute("select erasure_id from activation.erasures order by erased_at desc").fetchall()
        return [_read(connection, row[0], tables=False) for row in rows]


def receipt(connection: Connection, erasure_id: str) -> Receipt:
    """One receipt.

    Raises:
        ActivationError: if there is no such erasure.
    """
    settle(connection)
    with connection.transaction():
        return _read(connection, erasure_id, tables=True)


def _read(connection: Connection, erasure_id: str, *, tables: bool) -> Receipt:
    head = connection.execute(
        "select erasure_id, customer_id, scope, requested_by, erased_at, completed_at "
        "from activation.erasures where erasure_id = %s",
        [erasure_id],
    ).fetchone()
    if head is None:
        raise ActivationError(f"there is no erasure {erasure_id}; `braid privacy list` shows all of them")
    outcomes = connection.execute(
        "select place, outcome, affected_rows, reason from activation.erasure_outcomes "
        "where erasure_id = %s and %s order by place",
        [erasure_id, tables],
    )
    found = tuple(TableOutcome(place, Treatment(outcome), rows, reason) for place, outcome, rows, reason in outcomes)
    destinations = connection.execute(
        """
        select
            asked.destination, asked.asked_rows, count(held.key), asked.acknowledged_at, max(letter.reason),
            asked.forgotten_at, asked.forgotten_by
        from activation.erasure_destinations as asked
        left join activation.deliveries as held
            on held.destination = asked.destination and held.erase_requested and held.customer_id = %(customer)s
            and asked.acknowledged_at is null and asked.forgotten_at is null
        left join activation.dead_letters as letter
            on letter.destination = held.destination and letter.key = held.key
        where asked.erasure_id = %(erasure)s
        group by asked.destination, asked.asked_rows, asked.acknowledged_at, asked.forgotten_at, asked.forgotten_by
        order by asked.destination
        """,
        {"customer": head[1], "erasure": erasure_id},
    )
    asked = tuple(DestinationOutcome(*row) for row in destinations)
    again = connection.execute(
        "select source, stream, reason, rows, last_at from activation.withheld_rows where erasure_id = %s "
        "order by source, stream, reason",
        [erasure_id],
    )
    sent = tuple(StillSent(*row) for row in again)
    standing = connection.execute(
        "select count(*) from activation.tombstones where erasure_id = %s and lifted_at is null", [erasure_id]
    ).fetchone()
    return Receipt(
        erasure_id=head[0],
        customer_id=head[1],
        scope=head[2],
        requested_by=head[3],
        erased_at=head[4],
        completed_at=head[5],
        tables=found,
        destinations=asked,
        still_sent=sent,
        tombstones=int(standing[0]) if standing else 0,
    )
