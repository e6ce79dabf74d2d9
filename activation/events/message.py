"""One message of Segment's tracking API: an event to keep, or the reasons why it is none."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from activation.events.moments import corrected, read_moment
from activation.events.storable import storable_text

CALLS: Final = ("identify", "track", "page", "screen", "group", "alias")
"""The calls of the API, which are the types of its messages."""

LARGEST_EVENT: Final = 32 * 1024
"""Bytes of one message (https://www.twilio.com/docs/segment/connections/sources/catalog/libraries/server/http-api)."""

_LONGEST_ID: Final = 512
_OBJECTS: Final = ("traits", "properties", "context", "integrations")
_NOT_OF_THE_MESSAGE: Final = frozenset({"sentAt", "writeKey"})


@dataclass(frozen=True)
class Event:
    """A message that is fit: one row of `activation.events`."""

    message_id: str
    type: str
    user_id: str | None
    anonymous_id: str | None
    occurred_at: datetime
    original_timestamp: datetime | None
    sent_at: datetime | None
    received_at: datetime
    payload: str  # JSON


@dataclass(frozen=True)
class Refused:
    """A message that is not: one row of `activation.quarantined_events`."""

    content_hash: bytes
    message_id: str | None
    type: str | None
    reason: str
    sent_at: datetime | None
    received_at: datetime
    payload: str  # JSON


@dataclass(frozen=True)
class Arrival:
    """What the messages of one request have in common."""

    sent_at: datetime | None
    received_at: datetime
    context: Mapping[str, Any] | None = None
    integrations: Mapping[str, Any] | None = None


def read_message(said: object, arrival: Arrival, call: str | None = None) -> Event | Refused:
    """Read one message.

    A message without an id gets one of its content when it says when it happened, so that a retry is the same event;
    without that, a random one: two alike may well be two.

    Args:
        said: the message as JSON told it.
        arrival: what its request says of all its messages.
        call: the call whose address it came to; None when the message itself says.
    """
    if not isinstance(said, dict):
        return _refused({"value": said}, arrival, None, None, "the message is no JSON object")
    message = {name: value for name, value in said.items() if name not in _NOT_OF_THE_MESSAGE}
    if call is not None:
        message["type"] = call
    for name, shared in (("context", arrival.context), ("integrations", arrival.integrations)):
        if shared and isinstance(message.get(name) or {}, dict):
            message[name] = {**shared, **(message.get(name) or {})}
    kind = message.get("type")
    message_id = _id(message.get("messageId"))
    original = read_moment(message.get("timestamp"))
    reasons = [*_wrong(message), *_wrong_for(message)]
    payload, is_json = storable_text(message)
    if not is_json:
        reasons.append("a number is NaN or infinite, or a text has half a character")
    if len(payload.encode()) > LARGEST_EVENT:
        reasons.append(f"larger than {LARGEST_EVENT // 1024} KB")
    try:
        occurred_at = corrected(original, arrival.sent_at, arrival.received_at)
    except OverflowError:
        reasons.append("timestamp: impossible beside sentAt")
    if reasons:
        return _refused(message, arrival, message_id, kind, "; ".join(reasons))
    return Event(
        message_id or _own_id(message, payload),
        str(kind),
        _id(message.get("userId")),
        _id(message.get("anonymousId")),
        occurred_at,
        original,
        arrival.sent_at,
        arrival.received_at,
        payload,
    )


def refused_by_database(message: Event | Refused, error: str) -> Refused:
    """A message that Postgres itself would not hold, with the kind of its error; it is kept as one text."""
    arrival = Arrival(message.sent_at, message.received_at)
    reason = f"the database cannot hold it ({error})"
    return _refused({"message": message.payload}, arrival, message.message_id, message.type, reason)


def refused_as_other(event: Event) -> Refused:
    """An event whose message id another one has, that says something else."""
    arrival = Arrival(event.sent_at, event.received_at)
    reason = "messageId: an earlier event has it and says something else"
    return _refused(json.loads(event.payload), arrival, event.message_id, event.type, reason)


def _wrong(message: Mapping[str, Any]) -> list[str]:
    """What is wrong with the parts that every type of message has."""
    reasons = []
    if message.get("type") not in CALLS:
        reasons.append(f"type: expected one of {', '.join(CALLS)}")
    for name in ("messageId", "userId", "anonymousId", "groupId", "previousId"):
        value = message.get(name)
        if value not in (None, "") and _id(value) is None:
            reasons.append(f"{name}: expected text or a whole number of at most {_LONGEST_ID} characters")
    for name in _OBJECTS:
        if not isinstance(message.get(name) or {}, dict):
            reasons.append(f"{name}: expected an object")
    if message.get("timestamp") not in (None, "") and read_moment(message.get("timestamp")) is None:
        reasons.append("timestamp: expected a possible ISO 8601 time")
    return reasons


def _wrong_for(message: Mapping[str, Any]) -> list[str]:
    """What the type of the message needs and does not find."""
    reasons = []
    kind = message.get("type")
    if kind == "alias":
        reasons += [f"{name}: missing" for name in ("userId", "previousId") if _missing(message, name)]
    elif _missing(message, "userId") and _missing(message, "anonymousId"):
        reasons.append("userId or anonymousId: missing")
    if kind == "group" and _missing(message, "groupId"):
        reasons.append("groupId: missing")
    if kind == "track" and not (isinstance(message.get("event"), str) and message["event"].strip()):
        reasons.append("event: expected the name of the event")
    return reasons


def _missing(message: Mapping[str, Any], name: str) -> bool:
    return message.get(name) in (None, "")


def _id(value: object) -> str | None:
    """An id as text; clients send numbers, too."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, float):
        if not value.is_integer():
            return None
        value = int(value)
    text = str(value).replace("\x00", "").encode(errors="replace").decode().strip()
    return text if 0 < len(text) <= _LONGEST_ID else None


def _own_id(message: Mapping[str, Any], payload: str) -> str:
    if message.get("timestamp") in (None, ""):
        return f"random:{uuid.uuid4()}"
    return f"content:{hashlib.sha256(payload.encode()).hexdigest()}"


def _refused(
    message: Mapping[str, Any], arrival: Arrival, message_id: str | None, kind: object, reason: str
) -> Refused:
    payload, _ = storable_text(message)
    return Refused(
        hashlib.sha256(payload.encode()).digest(),
        message_id,
        kind if isinstance(kind, str) and kind in CALLS else None,
        reason,
        arrival.sent_at,
        arrival.received_at,
        payload,
    )
