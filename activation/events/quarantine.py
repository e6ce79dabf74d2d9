"""What could not be taken, looked at and read again: the same message, by the rules that hold now."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from activation.database import Connection, require_idle
from activation.events.message import Arrival, Event, read_message
from activation.events.store import BEGIN, KEEP_EVENTS, event_columns

_BATCH: Final = 1_000

_NEXT: Final = """
    select key_id, content_hash, sent_at, received_at, payload
    from activation.quarantined_events
    where (key_id, content_hash) > (%s, %s)
    order by key_id, content_hash
    limit %s
"""

_RELEASE: Final = """
    delete from activation.quarantined_events as held
    using unnest(%s::text[], %s::bytea[]) as fit (key_id, content_hash)
    where held.key_id = fit.key_id and held.content_hash = fit.content_hash
"""


@dataclass(frozen=True)
class Taken:
    """Events of one type: how many, and when the last one came."""

    type: str
    count: int
    last_received_at: datetime


@dataclass(frozen=True)
class Reason:
    """Why messages are in quarantine, how many, and when the last one came."""

    reason: str
    count: int
    last_received_at: datetime


@dataclass(frozen=True)
class Replay:
    """What became of the messages in quarantine when they were read again."""

    accepted: int
    still_refused: int


def taken(connection: Connection) -> list[Taken]:
    """The events in the warehouse by type, the most frequent first."""
    with connection.transaction():
        rows = connection.execute(
            "select type, count(*), max(received_at) from activation.events group by type order by 2 desc, 1"
        ).fetchall()
    return [Taken(*row) for row in rows]


def reasons(connection: Connection) -> list[Reason]:
    """The messages in quarantine by reason, the most frequent first."""
    with connection.transaction():
        rows = connection.execute(
            "select reason, count(*), max(received_at) from activation.quarantined_events group by reason "
            "order by 2 desc, 1"
        ).fetchall()
    return [Reason(*row) for row in rows]


def replay(connection: Connection, told: Callable[[int], None] = lambda _: None) -> Replay:
    """Read every message in quarantine again; what is fit now becomes an event, with the time at which it came.

    What still is not fit stays, and so does a message whose id an event has. Each batch is one transaction, so a replay
    that is stopped is simply started again.

    Args:
        connection: psycopg, without an open transaction.
        told: called with the number of messages of each batch that was read.
    """
    require_idle(connection)
    place: tuple[str, bytes] = ("", b"")
    accepted = read = 0
    while True:
        with connection.transaction():
            connection.execute(BEGIN)
            rows = connection.execute(_NEXT, [*place, _BATCH]).fetchall()
            if not rows:
                return Replay(accepted, read - accepted)
            read += len(rows)
            accepted += _release(connection, rows)
        place = (rows[-1][0], bytes(rows[-1][1]))
        told(len(rows))


def _release(connection: Connection, rows: list[tuple[Any, ...]]) -> int:
    fit: dict[tuple[str, str], tuple[Event, bytes]] = {}
    for key_id, content_hash, sent_at, received_at, payload in rows:
        message = read_message(_as_sent(payload), Arrival(sent_at, received_at))
        if isinstance(message, Event):
            fit.setdefault((key_id, message.message_id), (message, bytes(content_hash)))
    if not fit:
        return 0
    kept = connection.execute(
        KEEP_EVENTS + " returning key_id, message_id",
        event_columns([(key_id, event) for (key_id, _), (event, _) in fit.items()]),
    ).fetchall()
    released = [(key_id, fit[key_id, message_id][1]) for key_id, message_id in kept]
    connection.execute(_RELEASE, [[key_id for key_id, _ in released], [digest for _, digest in released]])
    return len(released)


def _as_sent(payload: Any) -> object:
    """The message inside what quarantine keeps: what was no object, and what Postgres refused, are wrapped in one."""
    if set(payload) == {"value"}:
        return payload["value"]
    if set(payload) == {"message"} and isinstance(payload["message"], str):
        try:
            return json.loads(payload["message"])
        except ValueError:
            return payload
    return payload
