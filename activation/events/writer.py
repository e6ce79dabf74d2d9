"""Group commit: what concurrent requests bring is written together, and each is answered when its rows are durable."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow
from psycopg_pool import AsyncConnectionPool

from activation.events.message import Event, Refused, refused_by_database
from activation.events.store import Row, store

_LARGEST_GROUP: Final = 5_000  # rows of one transaction
_MOST_WAITING: Final = 50_000  # rows in memory, about a hundred megabytes of ordinary events


class Overloaded(Exception):
    """More is waiting to be written than memory should hold; the client is to come back."""


@dataclass(frozen=True)
class _Waiting:
    rows: list[Row]
    written: asyncio.Future[None]


class EventWriter:
    """Writes what requests bring, one transaction at a time, each with all that came while the last one ran."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[DictRow]], count: Callable[[str, int], None]) -> None:
        """Write over connections of `pool`; `count` is told how many rows had which outcome (`Stored`)."""
        self._pool = pool
        self._count = count
        self._queue: deque[_Waiting] = deque()
        self._rows_waiting = 0
        self._draining: asyncio.Task[None] | None = None

    async def keep(self, key_id: str, messages: Sequence[Event | Refused]) -> None:
        """Write the messages of one request; on return they are durable.

        Raises:
            Overloaded: if too much is waiting already.
            psycopg.Error, psycopg_pool.PoolTimeout: if the database cannot be written to. The rows may be there all
                the same; a retry finds them.
        """
        if not messages:
            return
        if self._rows_waiting + len(messages) > _MOST_WAITING:
            raise Overloaded
        waiting = _Waiting([(key_id, message) for message in messages], asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._rows_waiting += len(waiting.rows)
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())
        await waiting.written

    async def _drain(self) -> None:
        while self._queue:
            group = self._next_group()
            try:
                async with self._pool.connection() as connection:
                    await self._store(connection, [row for waiting in group for row in waiting.rows])
            except Exception as error:
                for waiting in group:
                    if not waiting.written.done():
                        waiting.written.set_exception(error)
            else:
                for waiting in group:
                    if not waiting.written.done():
                        waiting.written.set_result(None)
            finally:
                self._rows_waiting -= sum(len(waiting.rows) for waiting in group)

    def _next_group(self) -> list[_Waiting]:
        group = [self._queue.popleft()]
        rows = len(group[0].rows)
        while self._queue and rows + len(self._queue[0].rows) <= _LARGEST_GROUP:
            group.append(self._queue.popleft())
            rows += len(group[-1].rows)
        return group

    async def _store(self, connection: AsyncConnection[DictRow], rows: Sequence[Row]) -> None:
        """Store rows; one that Postgres will not hold goes to quarantine and takes no other with it."""
        try:
            stored = await store(connection, rows)
        except psycopg.DataError as error:
            if len(rows) > 1:
                middle = len(rows) // 2
                await self._store(connection, rows[:middle])
                await self._store(connection, rows[middle:])
                return
            key_id, message = rows[0]
            stored = await store(connection, [(key_id, refused_by_database(message, type(error).__name__))])
        for outcome, rows_of_it in asdict(stored).items():
            self._count(outcome, rows_of_it)
