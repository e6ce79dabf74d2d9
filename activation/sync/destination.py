"""What a destination must be able to do to be synced; everything else about a sync is the same for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

from activation.database import ActivationError

Identity: TypeAlias = Mapping[str, str | Sequence[str]]
"""What a vendor matches a person by.

The engine asks with `external_id` (the customer id), `record_id` (the source's own id, when the block's key is a
record), and the address that the gate lets through: `email` or `phone` as one text; for the channel advertising both,
each as a list of all that may be used. A key without a value is left out.
"""


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


class FieldKind(StrEnum):
    """The kind of a field's values, in `Delivery.fields`: str, int or float, bool, ISO text twice, list of str.

    Any of them may be None: the customer has no such value, and the vendor's field is to be cleared.
    """

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    LIST = "list"


@dataclass(frozen=True)
class Delivery:
    """One row to send: what the destination should hold under `key`, or, when removed, no longer.

    Attributes:
        key: the customer id, or the source's own id of a record.
        change: why it is sent.
        identity: what the vendor is to match it by, in the form of `Receiver.remembered`; empty when removed.
        fields: vendor's field -> value; empty when removed.
        payload_hash: of identity and fields.
        held: former identities, in the form of `Receiver.remembered`, that the vendor acknowledged or may hold of this
            key and that are to be taken back: all of them when removed, those that no longer apply when changed. A
            value that another key of the destination is to hold is not in it.
        remote_id: the vendor's own id of the row, told by an earlier `Outcome`.
        idempotency_key: the same on every retry of the same change, and on no other.
        erased: the person asked to be forgotten: delete what the vendor has of them, as far as it can.
    """

    key: str
    change: Change
    identity: Identity
    fields: Mapping[str, Any]
    payload_hash: str
    held: tuple[Identity, ...] = field(default=())
    remote_id: str | None = None
    idempotency_key: str = ""
    erased: bool = False


class Fate(StrEnum):
    """What became of a row."""

    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Outcome:
    """The fate of one row; `reason` is the vendor's, without personal data, when it was rejected.

    `remote_id` is the vendor's own id of the row, where it tells one: with it, no identity is remembered.
    """

    key: str
    fate: Fate
    reason: str | None = None
    remote_id: str | None = None


class Receiver(Protocol):
    """A tool that receives rows by key. Sending a row twice must leave it as sending it once."""

    @property
    def name(self) -> str:
        """The vendor's name in messages, such as `Klaviyo`."""
        ...

    @property
    def batch_size(self) -> int:
        """The most rows that the vendor takes at once."""
        ...

    @property
    def max_bytes(self) -> int | None:
        """The most bytes that the vendor takes at once, as JSON of identities and fields; None: no limit."""
        ...

    @property
    def reads_back(self) -> bool:
        """Whether `confirm` can see what the vendor holds."""
        ...

    def remembered(self, identity: Identity, fields: Mapping[str, Any]) -> Identity:
        """What the vendor gets of an identity, and all that Braid remembers of it to take the row back; pure.

        The identity itself, or hashes of it. It is written down before the row is sent, and comes back as
        `Delivery.identity` and, later, in `Delivery.held`. Values of two keys that are equal are one thing to the
        vendor: it is not taken from the one while the other is to hold it.
        """
        ...

    def prepare(self, fields: Mapping[str, FieldKind]) -> None:
        """Create fields, lists and audiences that are missing; called only when there is something to send.

        Raises:
            DestinationError: if they cannot be created, or exist as something else.
        """
        ...

    def confirm(self, batch: Sequence[Delivery]) -> Sequence[Outcome]:
        """Read back: acknowledged where the vendor holds exactly what is asked (removed: no longer), unknown else.

        Raises:
            DestinationError: if the vendor cannot be asked now.
        """
        ...

    def deliver(self, batch: Sequence[Delivery]) -> Sequence[Outcome]:
        """Send one batch and say what became of each row; a row left out counts as unknown.

        Raises:
            BatchRejected: if the vendor refused the batch for its content; nothing of it was applied, or applying it
                again does no harm.
            DestinationError: if nothing more can be sent now.
        """
        ...

    def close(self) -> None:
        """Close the connections."""
        ...
