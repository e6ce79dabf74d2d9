"""The rows that a look-alike serves: kept in the order of their incremental cursor, changeable by tests."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Json = Any
"""What a JSON document may hold."""

Payload = dict[str, Any]


class Raw(dict[str, Any]):
    """A payload that is served exactly as it stands, whatever fields were asked for."""


@dataclass(frozen=True, slots=True)
class Patch:
    """What a test changes in a row after the vendor's own field selection."""

    set: Payload
    unset: tuple[str, ...] = ()

    def apply(self, row: Payload) -> Payload:
        """The row with the named fields replaced and removed."""
        changed = {**row, **self.set}
        for name in self.unset:
            changed.pop(name, None)
        return changed


@dataclass(slots=True)
class Row:
    """One row: `at` (microseconds since 1970, UTC) and `key` place it, whatever its payload claims."""

    at: int
    key: str
    payload: Payload
    parent: str | None = None


class Stream:
    """One collection of a vendor, ordered by `(at, key)`; a nested one also by the row that it hangs under."""

    def __init__(self, name: str, rows: Iterable[Row] = (), *, parent: Stream | None = None) -> None:
        """Take the rows in any order; `parent` is the stream under whose rows these are served."""
        self.name = name
        self.parent = parent
        self.patches: dict[int, Patch] = {}
        self.version = 0  # moves with every change of rows or their order
        self._by_key = {row.key: row for row in rows}
        self._order = sorted((row.at, row.key) for row in self._by_key.values())
        self._children: dict[str, list[Payload]] = defaultdict(list)
        for _, key in self._order:
            row = self._by_key[key]
            if row.parent is not None:
                self._children[row.parent].append(row.payload)

    def __len__(self) -> int:
        """The number of rows."""
        return len(self._order)

    def __iter__(self) -> Iterator[Row]:
        """All rows, oldest change first."""
        return (self._by_key[key] for _, key in self._order)

    def get(self, key: str) -> Row | None:
        """The row of that key."""
        return self._by_key.get(key)

    def children(self, parent: str) -> list[Payload]:
        """The payloads under one parent: a live list, so a payload that embeds it stays current."""
        return self._children[parent]

    @property
    def newest(self) -> int:
        """The last moment in the stream, 0 when it is empty."""
        return self._order[-1][0] if self._order else 0

    def since(
        self, at: int, *, after_key: str | None = None, limit: int | None = None, until: int | None = None
    ) -> list[Row]:
        """The rows from `at` on, or strictly after `(at, after_key)`: before `until`, at most `limit`."""
        first = after_key is None
        start = bisect_left(self._order, (at, "")) if first else bisect_right(self._order, (at, after_key or ""))
        stop = len(self._order) if until is None else bisect_left(self._order, (until, ""))
        stop = stop if limit is None else min(stop, start + limit)
        return [self._by_key[key] for _, key in self._order[start:stop]]

    def before(self, at: int | None, *, before_key: str = "", limit: int) -> list[Row]:
        """The rows strictly before `(at, before_key)` (all when `at` is None), newest first, at most `limit`."""
        stop = len(self._order) if at is None else bisect_left(self._order, (at, before_key))
        return [self._by_key[key] for _, key in reversed(self._order[max(0, stop - limit) : stop])]

    def put(self, row: Row) -> None:
        """Add the row, or replace the one of the same key."""
        self.version += 1
        old = self._by_key.get(row.key)
        if old is not None:
            self.patches.pop(id(old.payload), None)
            del self._order[bisect_left(self._order, (old.at, old.key))]
            if old.parent is not None:
                siblings = self._children[old.parent]
                siblings[:] = [one for one in siblings if one is not old.payload]
        self._by_key[row.key] = row
        insort(self._order, (row.at, row.key))
        if row.parent is not None:
            self._children[row.parent].append(row.payload)

    def move(self, key: str, at: int) -> None:
        """Give the row a new moment of change."""
        self.version += 1
        row = self._by_key[key]
        del self._order[bisect_left(self._order, (row.at, key))]
        row.at = at
        insort(self._order, (at, key))

    def patch(self, key: str, patch: Patch) -> None:
        """Serve the row of that key changed from now on.

        Raises:
            KeyError: if there is no such row.
        """
        self.version += 1
        self.patches[id(self._by_key[key].payload)] = patch

    def emit(self, payload: Payload) -> Payload:
        """The payload as served: with what a test changed in it."""
        patch = self.patches.get(id(payload)) if self.patches else None
        return payload if patch is None else patch.apply(payload)
