"""Two kinds of load: arrivals at a steady rate, whatever the server does, and as much as it can take.

At a steady rate each request has a moment at which it is due, drawn in advance as a Poisson process, and its latency is
counted from then: a server that stalls is charged for everybody who waited (Tene, "How NOT to Measure Latency", 2015).
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
import numpy as np
import uvloop


@dataclass(frozen=True)
class Answers:
    """What came back: `seconds` per request, counted from when it was due, `statuses`, and the `elapsed` seconds."""

    seconds: np.ndarray
    statuses: dict[str, int]
    elapsed: float

    def percentile(self, share: float) -> float:
        """The latency in milliseconds that `share` of the requests did not exceed."""
        return float(np.quantile(self.seconds, share) * 1000)

    @property
    def per_second(self) -> float:
        """Requests answered per second."""
        return len(self.seconds) / self.elapsed


def steady(url: str, key: str, paths: Sequence[str], rate: float, seconds: float, seed: int = 7) -> Answers:
    """Ask `rate` questions a second for so many seconds."""
    gaps = np.random.default_rng(seed).exponential(1 / rate, size=int(rate * seconds * 1.2))
    due = np.cumsum(gaps)
    return uvloop.run(_steady(url, key, paths, due[due <= seconds]))


def saturating(url: str, key: str, paths: Sequence[str], connections: int, seconds: float) -> Answers:
    """Keep so many connections busy all the time."""
    return uvloop.run(_saturating(url, key, paths, connections, seconds))


async def _steady(url: str, key: str, paths: Sequence[str], due: np.ndarray) -> Answers:
    clock = asyncio.get_running_loop().time
    took, statuses = np.zeros(len(due)), Counter[str]()
    async with _session(url, key) as session:
        start = clock() + 0.1

        async def ask(place: int, path: str) -> None:
            statuses[await _status(session, path)] += 1
            took[place] = clock() - start - due[place]

        async with asyncio.TaskGroup() as group:
            for place, path in zip(range(len(due)), itertools.cycle(paths)):
                wait = start + due[place] - clock()
                if wait > 0:
                    await asyncio.sleep(wait)
                group.create_task(ask(place, path))
        elapsed = clock() - start
    return Answers(took, dict(statuses), elapsed)


async def _saturating(url: str, key: str, paths: Sequence[str], connections: int, seconds: float) -> Answers:
    clock = asyncio.get_running_loop().time
    took: list[float] = []
    statuses = Counter[str]()
    asked = itertools.cycle(paths)
    async with _session(url, key) as session:
        start = clock()

        async def caller() -> None:
            while (began := clock()) - start < seconds:
                statuses[await _status(session, next(asked))] += 1
                took.append(clock() - began)

        async with asyncio.TaskGroup() as group:
            for _ in range(connections):
                group.create_task(caller())
        elapsed = clock() - start
    return Answers(np.array(took), dict(statuses), elapsed)


def _session(url: str, key: str) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        url,
        headers={"Authorization": f"Bearer {key}"},
        connector=aiohttp.TCPConnector(limit=256),
        timeout=aiohttp.ClientTimeout(total=30),
    )


async def _status(session: aiohttp.ClientSession, path: str) -> str:
    try:
        async with session.get(path) as answer:
            await answer.read()
            return str(answer.status)
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error).__name__
