"""Erasure at destinations: asked for here, carried out by the next sync of each, whatever its mode and caps."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from activation.database import Connection


@dataclass(frozen=True)
class PendingErasure:
    """A row that a destination has not yet acknowledged to have deleted."""

    destination: str
    customer_id: str | None
    key: str
    attempts: int
    reason: str | None


def request_erasure(connection: Connection, customer_ids: Collection[str]) -> list[tuple[str, str]]:
    """Ask that all that destinations hold of these customers be deleted; part of the caller's transaction.

    The next sync of each destination sends these rows first, with `Delivery.erased`, except what somebody else who may
    be contacted is known by as well. A row goes from `activation.deliveries` when the destination has acknowledged.

    Returns:
        Destination and key of each row.
    """
    wanted = list(customer_ids)
    connection.execute("delete from activation.dead_letters where customer_id = any(%s::text[])", [wanted])
    connection.execute(
        "update activation.sync_rows set key = null, customer_id = null where customer_id = any(%s::text[])", [wanted]
    )
    return connection.execute(
        "update activation.deliveries set erase_requested = true where customer_id = any(%s::text[]) "
        "returning destination, key",
        [wanted],
    ).fetchall()


def pending_erasures(connection: Connection) -> list[PendingErasure]:
    """What destinations have not yet deleted; with the vendor's reason, where it refused."""
    rows = connection.execute(
        "select delivered.destination, delivered.customer_id, delivered.key, coalesce(letter.attempts, 0), "
        "letter.reason "
        "from activation.deliveries as delivered left join activation.dead_letters as letter "
        "on letter.destination = delivered.destination and letter.key = delivered.key "
        "where delivered.erase_requested order by delivered.destination, delivered.key"
    ).fetchall()
    return [PendingErasure(*row) for row in rows]
