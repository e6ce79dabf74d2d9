"""Who sends: requests as Segment's client libraries make them, many under way at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence

import aiohttp
import numpy as np
import orjson
import uvloop

_CALLS = ("track", "track", "track", "page", "identify")


def bodies(events: int, batch: int, seed: int) -> list[bytes]:
    """So many events of made-up people, as the bodies of requests; each event has a message id of its own."""
    people = np.random.default_rng(seed).integers(0, max(1, events // 20), size=events).tolist()
    found = [_event(number, person) for number, person in enumerate(people)]
    return [
        orjson.dumps({"batch": found[start : start + batch], "sentAt": "2026-06-01T10:00:00Z"})
        for start in range(0, events, batch)
    ]


def _event(number: int, person: int) -> dict[str, object]:
    call = _CALLS[number % len(_CALLS)]
    return {
        "type": call,
        "messageId": f"bench-{number}",
        "userId": f"u_{person}",
        "anonymousId": f"a_{person}",
        "timestamp": "2026-06-01T09:59:58Z",
        "context": {"library": {"name": "bench", "version": "1"}, "locale": "en-GB"},
        **{
            "track": {
                "event": "Product Viewed",
                "properties": {"product_id": str(number % 997), "price": 19.9, "currency": "EUR"},
            },
            "page": {"name": "Home", "properties": {"path": "/", "title": "Home"}},
            "identify": {"traits": {"email": f"p{person}@people.example", "name": f"Person {person}"}},
        }[call],
    }


def send(url: str, key: str, requests: Sequence[bytes], senders: int) -> float:
    """Post every request to `/v1/batch`; the seconds until the last was answered.

    Raises:
        RuntimeError: if one is answered by anything but 200.
    """
    return uvloop.run(_send(url, key, requests, senders))


async def _send(url: str, key: str, requests: Sequence[bytes], senders: int) -> float:
    waiting = iter(requests)
    headers = {"Content-Type": "application/json"}
    connector = aiohttp.TCPConnector(limit=senders)
    async with aiohttp.ClientSession(connector=connector, auth=aiohttp.BasicAuth(key, ""), headers=headers) as session:
        started = time.perf_counter()
        await asyncio.gather(*(_sender(session, f"{url}/v1/batch", waiting) for _ in range(senders)))
        return time.perf_counter() - started


async def _sender(session: aiohttp.ClientSession, address: str, waiting: Iterator[bytes]) -> None:
    for body in waiting:
        async with session.post(address, data=body) as answer:
            if answer.status != 200:
                raise RuntimeError(f"the API answered {answer.status}: {(await answer.text())[:300]}")
            await answer.read()
