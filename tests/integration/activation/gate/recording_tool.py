"""A tool that keeps what it is sent, and asks before it takes anything whether that may be sent now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from activation.sync.destination import Change, Delivery, Fate, FieldKind, Identity, Outcome


@dataclass
class RecordingTool:
    """`may_receive` is called with the key and addresses of every row that is not taken back, when it arrives.

    `after` is called when a batch has been taken.
    """

    may_receive: Callable[[str, frozenset[str]], None]
    after: Callable[[], None] = lambda: None
    batch_size: int = 1
    max_bytes: int | None = None
    name: str = "Recording"
    reads_back: bool = True
    people: dict[str, frozenset[str]] = field(default_factory=dict)

    def remembered(self, identity: Identity, fields: Mapping[str, Any]) -> Identity:
        return identity

    def prepare(self, fields: Mapping[str, FieldKind]) -> None:
        """Nothing is missing."""

    def close(self) -> None:
        """Nothing is open."""

    def confirm(self, batch: Sequence[Delivery]) -> list[Outcome]:
        def holds(row: Delivery) -> bool:
            wanted = None if row.change is Change.REMOVED else addresses(row.identity)
            return self.people.get(row.key) == wanted

        return [Outcome(row.key, Fate.ACKNOWLEDGED if holds(row) else Fate.UNKNOWN) for row in batch]

    def deliver(self, batch: Sequence[Delivery]) -> list[Outcome]:
        for row in batch:
            if row.change is Change.REMOVED:
                self.people.pop(row.key, None)
            else:
                self.may_receive(row.key, addresses(row.identity))
                self.people[row.key] = addresses(row.identity)
        self.after()
        return [Outcome(row.key, Fate.ACKNOWLEDGED) for row in batch]


def addresses(identity: Identity) -> frozenset[str]:
    """Every e-mail address and phone number in an identity."""
    found: set[str] = set()
    for kind in ("email", "phone"):
        value = identity.get(kind, ())
        found |= {value} if isinstance(value, str) else set(value)
    return frozenset(found)
