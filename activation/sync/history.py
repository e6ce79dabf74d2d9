"""The history of a destination: its syncs, the fates of their rows, its dead letters, and who has paused it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from activation.database import Connection, scalar
from activation.sync.planning import SyncPlan

KEPT_DAYS: Final = 90
"""How long a sync and the fates of its rows are remembered."""

_ANALYZE_SHARE: Final = 0.1


class SyncStatus(StrEnum):
    """How a sync ended.

    `held_back`: a cap is broken or the sync is paused, and only withdrawals were sent. `forgotten`: it sent nothing; a
    person let go of all that was sent before.
    """

    RUNNING = "running"
    DONE = "done"
    HELD_BACK = "held_back"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True)
class PastSync:
    """One sync: counts only."""

    sync_id: int
    status: SyncStatus
    confirmed: bool
    plan: Mapping[str, Any]
    outcome: Mapping[str, int]
    problem: str | None
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class DeadLetter:
    """A row that the destination rejected."""

    key: str
    change: str
    reason: str
    attempts: int
    first_rejected_at: datetime
    last_rejected_at: datetime
    replay_requested: bool


def close_killed(connection: Connection, destination: str) -> None:
    """Close entries that are still open: they were killed, for only one sync of a destination runs at a time."""
    with connection.transaction():
        connection.execute(
            "update activation.syncs set status = %s, finished_at = now() where destination = %s and status = %s",
            [SyncStatus.INTERRUPTED, destination, SyncStatus.RUNNING],
        )


def begin(connection: Connection, plan: SyncPlan, *, confirmed: bool) -> int:
    """Open a sync's entry."""
    with connection.transaction():
        return int(
            scalar(
                connection,
                "insert into activation.syncs (destination, status, confirmed, plan) values (%s, %s, %s, %s) "
                "returning sync_id",
                [plan.destination, SyncStatus.RUNNING, confirmed, json.dumps(plan.counts())],
            )
        )


def finish(
    connection: Connection, sync_id: int, status: SyncStatus, outcome: Mapping[str, int], problem: str | None = None
) -> None:
    """Close a sync's entry, and forget those of its destination that are older than `KEPT_DAYS`."""
    with connection.transaction():
        connection.execute(
            "update activation.syncs set status = %s, outcome = %s, problem = %s, finished_at = now() "
            "where sync_id = %s",
            [status, json.dumps(dict(outcome)), problem, sync_id],
        )
        connection.execute(
            "delete from activation.syncs as old using activation.syncs as this where this.sync_id = %s "
            "and old.destination = this.destination and old.started_at < now() - make_interval(days => %s)",
            [sync_id, KEPT_DAYS],
        )


def refresh_statistics(connection: Connection, plan: SyncPlan, settled: int) -> None:
    """Past a tenth of new rows, the planner's old figures are worth less than the second that new ones cost."""
    if settled > _ANALYZE_SHARE * max(plan.holds, 1):
        with connection.transaction():
            connection.execute("analyze activation.deliveries")


def syncs(connection: Connection, destination: str, limit: int = 20) -> list[PastSync]:
    """The latest syncs of a destination, newest first."""
    with connection.transaction():
        rows = connection.execute(
            "select sync_id, status, confirmed, plan, outcome, problem, started_at, finished_at "
            "from activation.syncs where destination = %s order by sync_id desc limit %s",
            [destination, limit],
        ).fetchall()
    return [PastSync(row[0], SyncStatus(row[1]), *row[2:]) for row in rows]


def dead_letters(connection: Connection, destination: str) -> list[DeadLetter]:
    """What the destination rejected, the oldest first."""
    with connection.transaction():
        rows = connection.execute(
            "select key, change, reason, attempts, first_rejected_at, last_rejected_at, replay_requested "
            "from activation.dead_letters where destination = %s order by first_rejected_at, key",
            [destination],
        ).fetchall()
    return [DeadLetter(*row) for row in rows]


def request_replay(connection: Connection, destination: str, keys: Collection[str] | None = None) -> int:
    """Ask that dead letters of a destination (all, or those of `keys`) be sent again by the next sync.

    Returns:
        The number of letters that will be tried.
    """
    wanted: Sequence[str] | None = None if keys is None else list(keys)
    with connection.transaction():
        return connection.execute(
            "update activation.dead_letters set replay_requested = true "
            "where destination = %s and (%s::text[] is null or key = any(%s::text[]))",
            [destination, wanted, wanted],
        ).rowcount


def pause(connection: Connection, destination: str, paused_by: str, reason: str | None) -> bool:
    """Send nothing but withdrawals to a destination until `resume`; False when it was paused already."""
    with connection.transaction():
        return (
            connection.execute(
                "insert into activation.sync_pauses (destination, paused_by, reason) values (%s, %s, %s) "
                "on conflict (destination) do nothing",
                [destination, paused_by, reason],
            ).rowcount
            == 1
        )


def resume(connection: Connection, destination: str) -> bool:
    """Let the syncs of a destination go on; False when it was not paused."""
    with connection.transaction():
        return (
            connection.execute("delete from activation.sync_pauses where destination = %s", [destination]).rowcount == 1
        )
