"""When an event happened, by a clock that may be wrong."""

from __future__ import annotations

from datetime import UTC, datetime


def read_moment(said: object) -> datetime | None:
    """An ISO 8601 time as UTC; one without an offset is UTC already. None for everything else."""
    if not isinstance(said, str):
        return None
    try:
        moment = datetime.fromisoformat(said.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def corrected(original: datetime | None, sent_at: datetime | None, received_at: datetime) -> datetime:
    """The event's time by our clock: `received_at - (sent_at - original)`, as Segment documents it.

    The device's clock may be wrong, but it was as wrong when the event happened as when it was sent. Without `sent_at`
    the device's word stands; without `original` the event happened when it arrived.

    Raises:
        OverflowError: if the result is no possible time.
    """
    if original is None:
        return received_at
    if sent_at is None:
        return original
    return received_at - (sent_at - original)
