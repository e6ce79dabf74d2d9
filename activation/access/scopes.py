"""What a key may do, and who is asking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from activation.database import ActivationError


class Scope(StrEnum):
    """One kind of work that a key may be for; `admin` includes all others."""

    SUPPORT = "support"
    """Whole profiles, contact points and conversations included, for who talks with the customer."""
    MARKETING = "marketing"
    """Segments, personas and profiles without contact points, names, birth dates and what was said."""
    STEWARD = "steward"
    """Support's view, and how the records of a customer hold together."""
    ADMIN = "admin"
    """Everything."""
    EVENTS = "events"
    """Sending events in, and reading nothing."""


@dataclass(frozen=True)
class Caller:
    """Who is behind a request: a live key, never the key itself."""

    key_id: str
    name: str
    scopes: frozenset[Scope]

    def may(self, *scopes: Scope) -> bool:
        """Whether the caller has one of the scopes."""
        return Scope.ADMIN in self.scopes or not self.scopes.isdisjoint(scopes)


def scopes_of(words: Iterable[str]) -> frozenset[Scope]:
    """The scopes that are named.

    Raises:
        ActivationError: if a word is no scope, or there is none.
    """
    try:
        scopes = frozenset(Scope(word.strip().lower()) for word in words)
    except ValueError:
        raise ActivationError(f"a scope is one of {', '.join(Scope)}") from None
    if not scopes:
        raise ActivationError(f"a key needs a scope: {', '.join(Scope)}")
    return scopes
