"""Auditing of requests: entries wait in a short queue and are written by the batch; what cannot be audited is refused.

A read is answered when its entry is in the queue, which is written several times a second and on shutdown. An export
waits until its entry is committed. While the database refuses entries, or the queue is full, nothing is served that
would need one.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeAlias

import psycopg
from fastapi import Depends, Request
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException

from activation.access.audit import INSERT, Entry, as_json
from activation.access.scopes import Caller
from activation.api.pools import UNREACHABLE, Pool

_log = logging.getLogger(__name__)
_EVERY: Final = 0.2  # seconds between two batches
_RETRY: Final = 0.5
_BATCH: Final = 2000  # entries
_PATIENCE: Final = 5.0  # seconds that an export waits for its entry


@dataclass
class _Waiting:
    entry: bytes
    written: asyncio.Future[None] | None


class AuditWriter:
    """The queue of one worker, and the task that empties it."""

    def __init__(self, pool: Pool, most_waiting: int) -> None:
        """Write through `pool`; refuse when more than `most_waiting` entries wait."""
        self._pool = pool
        self._most = most_waiting
        self._waiting: deque[_Waiting] = deque()
        self._more = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None
        self._failing = False
        self._closing = False
        self.written = 0

    @property
    def waiting(self) -> int:
        """Entries that are not written yet."""
        return len(self._waiting)

    @property
    def failing(self) -> bool:
        """Whether the last batch could not be written."""
        return self._failing

    async def add(self, entry: Entry, *, durable: bool = False) -> None:
        """Queue an entry; with `durable`, return when it is committed.

        Raises:
            HTTPException: 503 when entries cannot be written, or the queue is full.
            ValueError: if the entry is none that the table can hold.
        """
        if self._failing or self._closing or len(self._waiting) >= self._most:
            raise _unavailable()
        written = asyncio.get_running_loop().create_future() if durable else None
        self._waiting.append(_Waiting(as_json(entry), written))
        if written is None:
            return
        self._more.set()
        try:
            await asyncio.wait_for(written, _PATIENCE)
        except TimeoutError:
            raise _unavailable() from None

    def start(self) -> None:
        """Begin to write batches."""
        self._writing = asyncio.create_task(self._run())

    async def close(self, patience: float) -> None:
        """Take no more entries, and write those that wait, for `patience` seconds at most."""
        self._closing = True
        self._more.set()
        if self._writing is not None:
            # Waited for, not cancelled: a batch whose commit is on its way would be written twice.
            await asyncio.wait([self._writing], timeout=patience)
            self._writing.cancel()
        if self._waiting:
            _log.error("%d entries of the audit trail could not be written before the end", len(self._waiting))

    async def _run(self) -> None:
        while self._waiting or not self._closing:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._more.wait(), _EVERY)
            if not self._closing:
                self._more.clear()
            await self._flush()
            if self._failing:
                await asyncio.sleep(_RETRY)

    async def _flush(self) -> None:
        while self._waiting:
            batch = [self._waiting[place] for place in range(min(_BATCH, len(self._waiting)))]
            try:
                await self._write((b"[" + b",".join(one.entry for one in batch) + b"]").decode())
            except UNREACHABLE as error:
                if not self._failing:
                    _log.error(
                        "the audit trail cannot be written (%s): audited requests are refused", type(error).__name__
                    )
                self._failing = True
                return
            if self._failing:
                _log.warning("the audit trail is written again")
            self._failing = False
            self.written += len(batch)
            for one in batch:
                self._waiting.popleft()
                if one.written is not None and not one.written.done():
                    one.written.set_result(None)

    async def _write(self, entries: str) -> None:
        """Write a batch; by another connection when the server closes this one meanwhile, as when it restarts."""
        try:
            await self._insert(entries)
        except PoolTimeout:
            raise
        except psycopg.OperationalError:
            await self._insert(entries)

    async def _insert(self, entries: str) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(INSERT, [entries])


class Audit:
    """What one request leaves in the audit trail."""

    def __init__(self, writer: AuditWriter, request_id: str | None) -> None:
        """Write entries of the request `request_id`."""
        self._writer = writer
        self._request_id = request_id

    async def record(
        self,
        caller: Caller,
        action: str,
        subject_customer_ids: Sequence[str],
        detail: Mapping[str, Any] | None = None,
        *,
        durable: bool = False,
    ) -> None:
        """Say that `caller` did `action` (as in `profile.read`) to the customers, before the first byte goes out.

        Args:
            caller: whose key it was.
            action: what was done, `<thing>.<verb>`.
            subject_customer_ids: whose data it was; empty for an export of a whole segment, which `detail` names.
            detail: how; never a contact point, a name or what was asked in clear. What was asked, as a keyed hash, goes
                under `asked`: erasure drops it.
            durable: return only when the entry is committed; for exports.

        Raises:
            HTTPException: 503 when it cannot be written: the request must not be answered then.
        """
        entry = Entry(action, subject_customer_ids, detail or {}, caller.key_id, self._request_id, datetime.now(UTC))
        await self._writer.add(entry, durable=durable)


async def audit_of(request: Request) -> Audit:
    """The audit of a request."""
    return Audit(request.app.state.audit, request.scope.get("braid.request_id"))


Auditing: TypeAlias = Annotated[Audit, Depends(audit_of)]
"""A route's parameter: `audit: Auditing`, then `await audit.record(caller, "profile.read", [customer_id])`."""


def _unavailable() -> HTTPException:
    return HTTPException(
        503, "the audit trail cannot be written, so nothing is read; try again shortly", headers={"Retry-After": "2"}
    )
