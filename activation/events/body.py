"""A request of Segment's tracking API: its body within limits, unpacked, and taken apart into messages."""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic_core import from_json

from activation.events.message import Arrival, Event, Refused, read_message
from activation.events.moments import read_moment

LARGEST_BODY: Final = 500 * 1024
"""Bytes of one request, unpacked, as Segment documents for a batch."""


class BodyRejected(ValueError):
    """The whole request is refused; `status` is the HTTP status to answer with."""

    def __init__(self, status: int, message: str) -> None:
        """Say why, and with which status."""
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Call:
    """A request's body as JSON, before its messages are judged."""

    body: dict[str, Any]

    @property
    def write_key(self) -> str | None:
        """The key in the body, which browsers send instead of a header."""
        key = self.body.get("writeKey")
        return key if isinstance(key, str) else None

    def messages(self, call: str | None, received_at: datetime) -> list[Event | Refused]:
        """Judge each message.

        Args:
            call: the call of a request of one message; None for a batch.
            received_at: when the request came.

        Raises:
            BodyRejected: 400 when a batch has no list of messages.
        """
        sent_at = read_moment(self.body.get("sentAt"))
        if call is not None:
            return [read_message(self.body, Arrival(sent_at, received_at), call)]
        batch = self.body.get("batch")
        if not isinstance(batch, list):
            raise BodyRejected(400, "a batch needs `batch`, the list of its messages")
        shared = Arrival(sent_at, received_at, _object(self.body, "context"), _object(self.body, "integrations"))
        return [read_message(message, shared) for message in batch]


async def read_body(chunks: AsyncIterator[bytes], encoding: str | None) -> bytes:
    """Gather and unpack a body.

    Args:
        chunks: of the request, as they come.
        encoding: the header Content-Encoding.

    Raises:
        BodyRejected: 413 when it is larger than `LARGEST_BODY`, packed or not; 415 when it is packed in a way that we
            do not know; 400 when it cannot be unpacked.
    """
    packing = (encoding or "identity").strip().lower()
    if packing not in ("identity", "", "gzip", "x-gzip"):
        raise BodyRejected(415, "send the body as it is, or with Content-Encoding: gzip")
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > LARGEST_BODY:
            raise _too_large()
    return _unpacked(bytes(body)) if "gzip" in packing else bytes(body)


def read_call(body: bytes) -> Call:
    """Read a body as a JSON object.

    What is no JSON in the letter but is sent all the same (NaN, half a character) is read, so that only the message
    that has it is refused, and not the ninety-nine beside it.

    Raises:
        BodyRejected: 400 when it is none.
    """
    try:
        read = from_json(body)
    except ValueError:
        try:
            read = json.loads(body)
        except (ValueError, RecursionError):
            raise BodyRejected(400, "the body is no JSON") from None
    if not isinstance(read, dict):
        raise BodyRejected(400, "the body is no JSON object")
    return Call(read)


def _unpacked(body: bytes) -> bytes:
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        unpacked = reader.decompress(body, LARGEST_BODY + 1)
    except zlib.error:
        raise BodyRejected(400, "the body is no gzip, although Content-Encoding says so") from None
    if len(unpacked) > LARGEST_BODY:
        raise _too_large()
    if not reader.eof:
        raise BodyRejected(400, "the gzip of the body is cut short")
    return unpacked


def _too_large() -> BodyRejected:
    return BodyRejected(413, f"a request is at most {LARGEST_BODY // 1024} KB, unpacked; send fewer events in one")


def _object(body: dict[str, Any], name: str) -> dict[str, Any] | None:
    value = body.get(name)
    return value if isinstance(value, dict) else None
