"""The members of a segment as a stream, NDJSON or CSV: any number in constant memory, by a server-side cursor."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from enum import StrEnum
from typing import Final

import orjson
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from psycopg import AsyncServerCursor
from psycopg.rows import DictRow
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from activation.api.pools import Pool
from activation.api.reasons import Masking

_BATCH: Final = 2000  # rows
_STALLED: Final = "60s"
_MOST_SHARE: Final = 4  # of the connections, one in so many may export
_COLUMNS: Final = ("customer_id", "reason")
_MEMBERS: Final = "select customer_id, reason from activation.segment_members where segment = %s order by customer_id"


class Format(StrEnum):
    """How members are sent."""

    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


MEDIA_TYPES: Final = {
    Format.JSON: "application/json",
    Format.NDJSON: "application/x-ndjson",
    Format.CSV: "text/csv",
}


def format_of(request: Request, asked: Format | None) -> Format:
    """The format that was asked for: by parameter, or else the first in the Accept header; JSON otherwise."""
    if asked is not None:
        return asked
    for part in request.headers.get("accept", "").split(","):
        media_type = part.partition(";")[0].strip().lower()
        for known, name in MEDIA_TYPES.items():
            if media_type == name:
                return known
    return Format.JSON


class Export(StreamingResponse):
    """A stream that gives back its connection however it ends: at its end, with an error, or when the client goes."""

    def __init__(self, rows: AsyncIterator[bytes], held: AsyncExitStack, format_: Format, file: str) -> None:
        """Send `rows`, then close `held`."""
        name = re.sub(r"[^A-Za-z0-9_.-]", "_", file)
        super().__init__(
            rows,
            media_type=MEDIA_TYPES[format_],
            headers={"Content-Disposition": f'attachment; filename="{name}.{format_}"'},
        )
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._held.aclose()


async def open_export(
    request: Request, segment: str, format_: Format, ready: Callable[[], Awaitable[None]], mask: Masking | None
) -> Export:
    """The members of a segment as one stream, of one snapshot.

    Args:
        request: whose app has the connections.
        segment: one that exists.
        format_: NDJSON or CSV.
        ready: awaited when the database has begun to answer, before the first byte is sent.
        mask: how each reason is masked; None when they are shown as they are.

    Raises:
        HTTPException: 503 when too many exports are under way.
    """
    slots = _slots(request.app)
    if slots.locked():
        raise HTTPException(503, "other exports are under way; ask again shortly", headers={"Retry-After": "10"})
    async with AsyncExitStack() as held:
        await slots.acquire()
        held.callback(slots.release)
        pool: Pool = request.app.state.pool
        connection = await held.enter_async_context(pool.connection())
        await held.enter_async_context(connection.transaction())
        # Who stops reading in the middle must not hold a connection, and the snapshot, for ever.
        await connection.execute(f"set local idle_in_transaction_session_timeout = '{_STALLED}'")
        cursor = await held.enter_async_context(connection.cursor(name="members"))
        await cursor.execute(_MEMBERS, [segment])
        first = await cursor.fetchmany(_BATCH)
        await ready()
        return Export(_chunks(cursor, first, format_, mask), held.pop_all(), format_, segment)
    raise AssertionError


def _slots(app: FastAPI) -> asyncio.Semaphore:
    if not hasattr(app.state, "exports"):
        app.state.exports = asyncio.Semaphore(max(1, app.state.config.most_connections // _MOST_SHARE))
    slots: asyncio.Semaphore = app.state.exports
    return slots


async def _chunks(
    cursor: AsyncServerCursor[DictRow], first: list[DictRow], format_: Format, mask: Masking | None
) -> AsyncIterator[bytes]:
    write = _csv if format_ is Format.CSV else _ndjson
    if format_ is Format.CSV:
        yield _csv_line(_COLUMNS)
    rows = first
    while rows:
        if mask is not None:
            rows = [row | {"reason": mask(row["reason"])} for row in rows]
        yield write(rows)
        rows = await cursor.fetchmany(_BATCH)


def _ndjson(rows: Iterable[DictRow]) -> bytes:
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)


def _csv(rows: Iterable[DictRow]) -> bytes:
    return b"".join(
        _csv_line((row["customer_id"], "" if row["reason"] is None else orjson.dumps(row["reason"]).decode()))
        for row in rows
    )


def _csv_line(cells: Iterable[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().encode()
