"""Writing events and refused messages to their tables: sets of rows, once each, however often they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from psycopg import AsyncConnection
from psycopg.rows import DictRow

from activation.events.message import Event, Refused, refused_as_other

Row: TypeAlias = tuple[str, Event | Refused]
"""A key's id, and what came by that key."""

EVENTS_LOCK: Final = "hashtextextended('braid events are written', 0)"
"""Held shared by who writes events, from before their sequence is drawn until they are committed. Who holds it alone
sees a table in which no sequence is missing that could still appear: what a reader needs to say how far it has read."""

# An answer says that the rows are durable: a server that is told to say so before they are, is overruled.
BEGIN: Final = f"""
    select
        pg_advisory_xact_lock_shared({EVENTS_LOCK}),
        set_config('synchronous_commit', case setting when 'off' then 'on' else setting end, true)
    from pg_settings
    where name = 'synchronous_commit'
"""

# In the order of the key, so that two writers with the same rows never wait for each other.
KEEP_EVENTS: Final = """
    insert into activation.events (
        key_id, message_id, type, user_id, anonymous_id, occurred_at, original_timestamp, sent_at, received_at, payload
    )
    select
        key_id, message_id, type, user_id, anonymous_id, occurred_at, original_timestamp, sent_at, received_at,
        payload::jsonb
    from unnest(
        %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[],
        %s::timestamptz[], %s::timestamptz[], %s::text[]
    ) with ordinality as arrived (
        key_id, message_id, type, user_id, anonymous_id, occurred_at, original_timestamp, sent_at, received_at, payload,
        place
    )
    order by key_id, message_id, place
    on conflict (key_id, message_id) do nothing
"""

# What a client says of itself and of its tries may differ from one try to the next.
_OTHERS: Final = """
    select arrived.place
    from unnest(%s::text[], %s::text[], %s::text[]) with ordinality as arrived (key_id, message_id, payload, place)
    inner join activation.events as kept
        on kept.key_id = arrived.key_id and kept.message_id = arrived.message_id
    where
        kept.payload - '{context,integrations,_metadata,metadata}'::text[]
        is distinct from arrived.payload::jsonb - '{context,integrations,_metadata,metadata}'::text[]
    order by arrived.place
"""

_QUARANTINE: Final = """
    insert into activation.quarantined_events (
        key_id, content_hash, message_id, type, reason, sent_at, received_at, payload
    )
    select key_id, content_hash, message_id, type, reason, sent_at, received_at, payload::jsonb
    from unnest(
        %s::text[], %s::bytea[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::text[]
    ) with ordinality as arrived (
        key_id, content_hash, message_id, type, reason, sent_at, received_at, payload, place
    )
    order by key_id, content_hash, place
    on conflict (key_id, content_hash) do nothing
"""


@dataclass(frozen=True)
class Stored:
    """What became of rows: kept now, known before (a retry), in quarantine."""

    accepted: int
    duplicate: int
    quarantined: int


async def store(connection: AsyncConnection[DictRow], rows: Sequence[Row]) -> Stored:
    """Write rows in one transaction; on return they are durable.

    What is there already is left as it is. An event whose message id another one has, that says something else, goes to
    quarantine.

    Raises:
        psycopg.DataError: if Postgres cannot hold one of them; then none is written.
        psycopg.Error: if the database cannot be written to.
    """
    events = [(key_id, item) for key_id, item in rows if isinstance(item, Event)]
    refused = [(key_id, item) for key_id, item in rows if isinstance(item, Refused)]
    kept = quarantined = 0
    async with connection.transaction():
        await connection.execute(BEGIN)
        if events:
            kept = (await connection.execute(KEEP_EVENTS, event_columns(events))).rowcount
            if kept < len(events):
                columns = _columns(events, "message_id", "payload")
                others = await (await connection.execute(_OTHERS, columns)).fetchall()
                refused += [
                    (key_id, refused_as_other(event))
                    for key_id, event in (events[other["place"] - 1] for other in others)
                ]
        if refused:
            quarantined = (await connection.execute(_QUARANTINE, _columns(refused, *_REFUSED))).rowcount
    return Stored(kept, len(rows) - kept - quarantined, quarantined)


_EVENT: Final = (
    "message_id",
    "type",
    "user_id",
    "anonymous_id",
    "occurred_at",
    "original_timestamp",
    "sent_at",
    "received_at",
    "payload",
)
_REFUSED: Final = ("content_hash", "message_id", "type", "reason", "sent_at", "received_at", "payload")


def event_columns(events: Sequence[tuple[str, Event]]) -> list[list[object]]:
    """The parameters of `KEEP_EVENTS`."""
    return _columns(events, *_EVENT)


def _columns(rows: Sequence[tuple[str, Any]], *names: str) -> list[list[object]]:
    """The key ids and the named fields of rows, each as one array."""
    return [[key_id for key_id, _ in rows], *([getattr(item, name) for _, item in rows] for name in names)]
