"""How what somebody wrote in a message is compared: with the identifiers that the other record carries."""

from __future__ import annotations

from typing import Final

from identity.comparisons import Comparison, Level
from identity.mentioned import MENTIONED


def _order(writer: str, other: str) -> str:
    return f"coalesce(list_contains(mentioned_orders_{writer}, record_id_{other}), false)"


def _identifier(writer: str, other: str) -> str:
    # `emails` and `phones` hold what is one person's: what several people share, or nobody's, is in neither.
    return (
        f"coalesce(list_has_any(mentioned_emails_{writer}, emails_{other}), false) "
        f"or coalesce(list_has_any(mentioned_phones_{writer}, phones_{other}), false)"
    )


def wrote(writer: str, other: str) -> str:
    """SQL: the record `writer` (`l` or `r`) wrote an identifier of the record `other`."""
    return f"({_order(writer, other)} or {_identifier(writer, other)})"


_SAID: Final = " and ".join(f"{column}_{side} is null" for side in "lr" for column in MENTIONED)
MENTION: Final = Comparison(
    "mention",
    (*MENTIONED, "record_id", "emails", "phones"),
    f"({_SAID}) or not ({wrote('l', 'r')} or {wrote('r', 'l')})",
    (
        Level("wrote an order number of the other", f"{_order('l', 'r')} or {_order('r', 'l')}"),
        Level("wrote an e-mail or phone of the other", f"{_identifier('l', 'r')} or {_identifier('r', 'l')}"),
    ),
    "wrote nothing of the other",
    decided_by=MENTIONED,
    by_odds=True,
)
