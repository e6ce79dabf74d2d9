"""Events that the API took: from `activation.events` into `raw_events`, in the raw shape, without leaving Postgres.

The payload is what Segment itself archives: the message, its `timestamp` corrected, with `originalTimestamp`, `sentAt`
and `receivedAt` beside it. How far the table was read is said by the rows themselves (`cursor_value` is the sequence).
"""

from __future__ import annotations

from typing import Final

import psycopg
from psycopg import sql

from activation.events.store import EVENTS_LOCK
from orchestration.warehouse import Warehouse

CALLS: Final[dict[str, tuple[str, ...]]] = {
    "identities": ("identify", "alias", "group"),
    "interactions": ("track", "page", "screen"),
}
"""Stream to the calls that it holds."""

_TABLE: Final = """
    create table if not exists raw_events.{stream} (
        record_key text primary key,
        native_id text,
        cursor_value text,
        payload jsonb not null,
        ingest_error text,
        _dlt_load_id text not null,
        _dlt_id text not null default gen_random_uuid()
    );
    create index if not exists {index} on raw_events.{stream} (cursor_value);
"""

_READ: Final = """
    insert into raw_events.{stream} (record_key, native_id, cursor_value, payload, _dlt_load_id)
    select
        event.key_id || ':' || event.message_id,
        event.message_id,
        lpad(cast(event.sequence as text), 20, '0'),
        event.payload || jsonb_strip_nulls(jsonb_build_object(
            'messageId', event.message_id,
            'timestamp', {occurred_at},
            'originalTimestamp', {original_timestamp},
            'sentAt', {sent_at},
            'receivedAt', {received_at}
        )),
        %(load_id)s
    from activation.events as event
    where event.sequence > %(since)s and event.sequence <= %(until)s and event.type = any(%(calls)s)
    on conflict (record_key) do nothing
"""


def events_wait(warehouse: Warehouse) -> bool:
    """Whether any event was ever taken."""
    if not warehouse.has_table("activation", "events"):
        return False
    with warehouse.connect() as connection:
        return connection.execute("select 1 from activation.events limit 1").fetchone() is not None


def load_events(warehouse: Warehouse) -> str | None:
    """Bring what is new into `raw_events`, in one transaction; nothing is made while there has never been an event.

    Returns:
        The load's id, as dlt writes them; None when there was never an event.
    """
    if not events_wait(warehouse):
        return None
    until = _written(warehouse)
    with warehouse.connect() as connection:
        load_id = _now(connection)
        connection.execute("create schema if not exists raw_events")
        for stream in CALLS:
            names = {"stream": sql.Identifier(stream), "index": sql.Identifier(f"{stream}_by_cursor")}
            connection.execute(sql.SQL(_TABLE).format(**names))
        since = max(_read_so_far(connection, stream) for stream in CALLS)
        moments = {
            name: sql.SQL("to_char({} at time zone 'UTC', {})").format(
                sql.Identifier("event", name), sql.Literal('YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            )
            for name in ("occurred_at", "original_timestamp", "sent_at", "received_at")
        }
        for stream, calls in CALLS.items():
            connection.execute(
                sql.SQL(_READ).format(stream=sql.Identifier(stream), **moments),
                {"load_id": load_id, "since": since, "until": until, "calls": list(calls)},
            )
    return load_id


def _written(warehouse: Warehouse) -> int:
    """The sequence up to which the table is whole: no row below it can still appear.

    A sequence is drawn before its transaction commits, so a reader that only looked at the greatest would skip the rows
    of a slower writer for ever.
    """
    with warehouse.connect() as connection:
        connection.execute(f"select pg_advisory_xact_lock({EVENTS_LOCK})")
        row = connection.execute("select coalesce(max(sequence), 0) from activation.events").fetchone()
    return int(row[0]) if row else 0


def _read_so_far(connection: psycopg.Connection[tuple[object, ...]], stream: str) -> int:
    query = sql.SQL("select cast(coalesce(max(cursor_value), '0') as bigint) from raw_events.{}")
    row = connection.execute(query.format(sql.Identifier(stream))).fetchone()
    return int(str(row[0])) if row else 0


def _now(connection: psycopg.Connection[tuple[object, ...]]) -> str:
    row = connection.execute("select cast(extract(epoch from clock_timestamp()) as text)").fetchone()
    return str(row[0]) if row else "0"
