"""The gate as the engine asks it: which of its answers is the person's own word, and what its answers rest on."""

from __future__ import annotations

from typing import Any, Final

from activation.consent import Exclusion
from activation.database import Connection

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
