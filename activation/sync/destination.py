"""What a destination must be able to do to be synced; everything else about a sync is the same for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from psycopg import sql

from activation.database import ActivationError


class DestinationError(ActivationError):
    """A destination cannot be reached or refuses us as a whole; the message names it and what to check."""


class BatchRejected(Exception):
    """The destination refused a whole batch for what is in it; the rows are then tried in smaller batches.

    `str()` is the vendor's reason, without personal data.
    """


class Change(StrEnum):
    """Why a row is sent."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True)
class Delivery:
    """One row to send. `payload` is what the destination should hold under `key`."""

    key: str
    change: Change
    payload: Mapping[str, Any]
    payload_hash: str


class Fate(StrEnum):
    """What became of a row."""

    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Outcome:
    """The fate of one row; `reason` is the vendor's, without personal data, when it was rejected."""

    key: str
    fate: Fate
    reason: str | None = None


class Destination(Protocol):
    """A tool that receives rows by key. Sending a row twice must leave it as sending it once."""

    @property
    def name(self) -> str:
        """The name that deliveries and dead letters are remembered under."""
        ...

    @property
    def batch_size(self) -> int:
        """The most rows that the vendor takes at once."""
        ...

    def desired(self) -> sql.Composed:
        """A query for all that the destination should hold: columns key (text), payload (jsonb)."""
        ...

    def removal(self) -> Mapping[str, Any]:
        """The payload that takes back what a key once received."""
        ...

    def prepare(self) -> None:
        """Make ready what the vendor needs before rows arrive; called only when there is something to send."""
        ...

    def deliver(self, batch: Sequence[Delivery]) -> Sequence[Outcome]:
        """Send one batch and say what became of each row; a row left out counts as unknown.

        Raises:
            BatchRejected: if the vendor refused the batch for its content.
            DestinationError: if nothing more can be sent now.
        """
        ...
