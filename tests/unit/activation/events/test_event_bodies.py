"""Bodies of requests: packed, too large, cut short, no JSON."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from activation.events.body import LARGEST_BODY, BodyRejected, read_body, read_call
from activation.events.message import Event, Refused

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def received(body: bytes, encoding: str | None = None, *, piece: int = 1000) -> bytes:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), piece):
            yield body[start : start + piece]

    return asyncio.run(read_body(chunks(), encoding))


def test_a_body_comes_in_pieces_packed_or_not() -> None:
    body = json.dumps({"batch": []}).encode() * 100
    assert received(body) == received(gzip.compress(body), "GZIP") == body
    assert received(b"") == b""


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (b"x" * (LARGEST_BODY + 1), None, 413),
        (gzip.compress(b"x" * 50_000_000, mtime=0), "gzip", 413),  # fifty megabytes in fifty kilobytes
        (gzip.compress(b"x" * 1000, mtime=0)[:-9], "gzip", 400),
        (b"{}", "gzip", 400),
        (b"{}", "br", 415),
    ],
)
def test_a_body_that_cannot_be_taken_says_why(body: bytes, encoding: str | None, status: int) -> None:
    with pytest.raises(BodyRejected) as rejected:
        received(body, encoding)
    assert rejected.value.status == status


def test_the_largest_body_is_taken() -> None:
    assert len(received(b"x" * LARGEST_BODY, piece=65_536)) == LARGEST_BODY


@pytest.mark.parametrize("body", [b"", b"[]", b"5", b"{", b"\xff{}", b'{"a":' * 100_000])
def test_what_is_no_json_object_is_refused_whole(body: bytes) -> None:
    with pytest.raises(BodyRejected) as rejected:
        read_call(body)
    assert rejected.value.status == 400


def test_one_bad_message_takes_no_other_with_it() -> None:
    good = '{"type":"page","userId":"u","messageId":"1"}'
    bad = '{"type":"page","userId":"u","properties":{"price":NaN}}', '{"type":"page","userId":"\\ud83d"}', "7"
    body = f'{{"batch":[{",".join((good, *bad))}]}}'
    kinds = [type(message) for message in read_call(body.encode()).messages(None, NOW)]
    assert kinds == [Event, Refused, Refused, Refused]


def test_a_batch_without_its_list_is_refused() -> None:
    with pytest.raises(BodyRejected, match="batch"):
        read_call(b'{"batch": {}}').messages(None, NOW)
