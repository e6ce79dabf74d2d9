"""The gate as the engine asks it: which of its answers is the person's own word, and whether it still says yes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from psycopg import sql

from activation.consent import Exclusion, permitted
from activation.database import Connection
from activation.sync.block import SyncBlock

LEFT: Final = "left_the_model"
"""The customer may be sent, and is no longer in the model."""

ERASED: Final = "erased"
"""The person asked to be forgotten."""

_OURS: Final = frozenset(
    {
        LEFT,
        Exclusion.NOT_PUBLISHED,
        Exclusion.PURPOSE_NEEDS_CHANNEL,
        Exclusion.WEAK_LINK,
        Exclusion.PROMOTION_BLOCKED,
        Exclusion.NO_CONTACT_POINT,
        Exclusion.UNREACHABLE,
        Exclusion.UNVERIFIED,
    }
)


def ours() -> list[str]:
    """The reasons to take a row back that are no word of the person's: a cap may hold them.

    Any other reason of the gate (consent withdrawn or unknown, suppressed, erased) is taken back whatever the cap.
    """
    return sorted(map(str, _OURS))


def stamp(connection: Connection) -> tuple[Any, ...]:
    """What tells that the gate may answer otherwise than a moment ago: another publication, another suppression."""
    return (
        connection.execute(
            "select (select max(publication_id) from activation.publications), "
            "(select max(suppression_id) from activation.suppressions), "
            "(select max(lifted_at) from activation.suppressions)"
        ).fetchone()
        or ()
    )


def no_longer_permitted(
    connection: Connection, block: SyncBlock, addresses: Mapping[str, tuple[str, ...]]
) -> frozenset[str]:
    """Ask the gate again, of some customers alone.

    Args:
        connection: without an open transaction.
        block: the sync that asks.
        addresses: customer id -> the addresses that it was about to be sent with.

    Returns:
        The customers who may not be sent any more, or not with these addresses.
    """
    with connection.transaction():
        answers = {
            customer_id: (exclusion, frozenset(allowed or ()))
            for customer_id, allowed, exclusion in connection.execute(
                sql.SQL("select customer_id, addresses, exclusion from ({}) as answers").format(
                    permitted(block, only=addresses)
                )
            )
        }
    return frozenset(
        customer_id
        for customer_id, used in addresses.items()
        if customer_id not in answers
        or answers[customer_id][0] is not None
        or not answers[customer_id][1].issuperset(used)
    )
