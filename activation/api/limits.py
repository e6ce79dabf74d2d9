"""Requests a minute per key, counted over all workers of one machine, without a lock and without a query.

Each worker writes its own counts, in a file of its own where there are several workers, and reads those of the others.
A minute slides: of the minute before counts what is still less than 60 seconds ago, if it came evenly.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from struct import Struct
from time import time
from typing import Final

_WINDOW: Final = 60
_KEYS: Final = 65_536  # by their dense number; keys so far apart that they share a place share their counts
_CELL: Final = Struct("=II")  # the minute, and the requests in it; 8 aligned bytes, so none is read half written
_PLACE: Final = 2 * _CELL.size  # this minute and the one before, by the parity of the minute
_SIZE: Final = _KEYS * _PLACE
_LOOK_AGAIN: Final = 1.0  # seconds until new workers are looked for

_Counts = mmap.mmap | bytearray


@dataclass(frozen=True)
class Turn:
    """Whether a request is within its key's rate; `remaining` requests are left, `retry_after` seconds to wait."""

    granted: bool
    rate: int
    remaining: int
    retry_after: int

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """RateLimit and RateLimit-Policy (IETF draft-ietf-httpapi-ratelimit-headers)."""
        return [
            (b"ratelimit-policy", b'"minute";q=%d;w=%d' % (self.rate, _WINDOW)),
            (b"ratelimit", b'"minute";r=%d;t=%d' % (self.remaining, self.retry_after)),
        ]


class RateLimiter:
    """Counts requests by the number of their key."""

    def __init__(self, folder: Path | None = None, clock: Callable[[], float] = time) -> None:
        """Count alone, or together with every worker that has the same `folder`; `clock` tells Unix seconds."""
        self._folder = folder
        self._clock = clock
        self._own: _Counts = bytearray(_SIZE)
        self._others: dict[str, _Counts] = {}
        self._look_at = 0.0
        self._name = f"requests-{os.getpid()}-{id(self):x}"
        if folder is not None:
            self._own = _mapped(folder / self._name, create=True)

    def take(self, number: int, rate: int) -> Turn:
        """Count one request of key `number` if `rate` a minute allows it; one that is refused does not count."""
        now = self._clock()
        minute, place = int(now // _WINDOW), number % _KEYS * _PLACE
        into = now - minute * _WINDOW
        self._look(now)
        before = self._count(place, minute - 1)
        current = self._count(place, minute)
        spent = before * (1 - into / _WINDOW) + current
        rest = ceil(_WINDOW - into)
        if spent + 1 > rate:
            return Turn(False, rate, 0, max(1, _wait(before, current, rate, into)))
        cell = place + minute % 2 * _CELL.size
        found, count = _CELL.unpack_from(self._own, cell)
        _CELL.pack_into(self._own, cell, minute, count + 1 if found == minute else 1)
        return Turn(True, rate, int(rate - spent - 1), rest)

    def close(self) -> None:
        """Give the files back; the counts of a minute are worth nothing after it."""
        for counts in (self._own, *self._others.values()):
            if isinstance(counts, mmap.mmap):
                counts.close()
        self._others.clear()
        if self._folder is not None:
            (self._folder / self._name).unlink(missing_ok=True)

    def _count(self, place: int, minute: int) -> int:
        cell = place + minute % 2 * _CELL.size
        total = 0
        for counts in (self._own, *self._others.values()):
            found, count = _CELL.unpack_from(counts, cell)
            if found == minute:
                total += count
        return total

    def _look(self, now: float) -> None:
        if self._folder is None or now < self._look_at:
            return
        self._look_at = now + _LOOK_AGAIN
        for path in self._folder.glob("requests-*"):
            if path.name != self._name and path.name not in self._others:
                self._others[path.name] = _mapped(path, create=False)


def _wait(before: int, current: int, rate: int, into: float) -> int:
    """Whole seconds until the sliding count leaves room for one more."""
    if current + 1 <= rate:
        # What is left of the minute before must shrink to what this minute leaves.
        return ceil(_WINDOW * (1 - (rate - 1 - current) / before) - into) if before else 1
    # This minute alone is full: in the next, it is the minute before.
    return ceil(_WINDOW - into + _WINDOW * (1 - (rate - 1) / current))


def _mapped(path: Path, *, create: bool) -> mmap.mmap:
    if create:
        with path.open("xb") as file:
            file.truncate(_SIZE)
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), _SIZE)
