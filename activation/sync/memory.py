"""What a sync remembers: what each destination acknowledged, what is in doubt, and what it rejected.

Every function is one transaction of its own, so that what a vendor has acknowledged is on disk before the next batch.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from activation.database import Connection
from activation.sync.destination import Change, Delivery, Fate, Outcome


def mark_in_doubt(connection: Connection, destination: str, batch: Sequence[Delivery]) -> None:
    """Note, before sending, that what the destination holds of these keys is about to be unknown."""
    with connection.transaction():
        connection.execute(
            "insert into activation.deliveries (destination, key, in_doubt, attempted_at) "
            "select %s, key, true, now() from unnest(%s::text[]) as key "
            "on conflict (destination, key) do update set in_doubt = true, attempted_at = now()",
            [destination, [delivery.key for delivery in batch]],
        )


def record(
    connection: Connection, destination: str, batch: Sequence[Delivery], outcomes: Sequence[Outcome]
) -> dict[Fate, int]:
    """Write down the fate of each row of a batch; a row without an outcome stays in doubt.

    Returns:
        The number of rows per fate.
    """
    fates = {outcome.key: outcome for outcome in outcomes}
    unknown = Outcome("", Fate.UNKNOWN)
    by_fate: dict[Fate, list[Delivery]] = {fate: [] for fate in Fate}
    for delivery in batch:
        by_fate[fates.get(delivery.key, unknown).fate].append(delivery)
    rejected = by_fate[Fate.REJECTED]
    with connection.transaction():
        _acknowledge(connection, destination, by_fate[Fate.ACKNOWLEDGED])
        _reject(connection, destination, rejected, [fates[row.key].reason or "no reason given" for row in rejected])
    return {fate: len(rows) for fate, rows in by_fate.items()}


def _acknowledge(connection: Connection, destination: str, rows: Sequence[Delivery]) -> None:
    kept = [row for row in rows if row.change is not Change.REMOVED]
    gone = [row.key for row in rows if row.change is Change.REMOVED]
    connection.execute(
        "update activation.deliveries as d set payload_hash = acknowledged.payload_hash, in_doubt = false, "
        "acknowledged_at = now() from unnest(%s::text[], %s::text[]) as acknowledged (key, payload_hash) "
        "where d.destination = %s and d.key = acknowledged.key",
        [[row.key for row in kept], [row.payload_hash for row in kept], destination],
    )
    connection.execute(
        "delete from activation.deliveries where destination = %s and key = any(%s::text[])", [destination, gone]
    )
    connection.execute(
        "delete from activation.dead_letters where destination = %s and key = any(%s::text[])",
        [destination, [row.key for row in rows]],
    )


def _reject(connection: Connection, destination: str, rows: Sequence[Delivery], reasons: Sequence[str]) -> None:
    """A rejected row was not applied: the destination holds what it held before."""
    keys = [row.key for row in rows]
    connection.execute(
        "update activation.deliveries set in_doubt = false where destination = %s and key = any(%s::text[])",
        [destination, keys],
    )
    connection.execute(
        "delete from activation.deliveries where destination = %s and key = any(%s::text[]) and payload_hash is null",
        [destination, keys],
    )
    connection.execute(
        "insert into activation.dead_letters (destination, key, payload_hash, reason) "
        "select %s, key, payload_hash, reason "
        "from unnest(%s::text[], %s::text[], %s::text[]) as rejected (key, payload_hash, reason) "
        "on conflict (destination, key) do update set payload_hash = excluded.payload_hash, "
        "reason = excluded.reason, attempts = activation.dead_letters.attempts + 1, last_rejected_at = now(), "
        "replay_requested = false",
        [destination, keys, [row.payload_hash for row in rows], list(reasons)],
    )


def forget_settled_letters(connection: Connection, destination: str) -> None:
    """Drop dead letters that the open plan has no row for: what they wanted to say is no longer wanted."""
    with connection.transaction():
        connection.execute(
            "delete from activation.dead_letters as letter where destination = %s "
            "and not exists (select from pg_temp.sync_plan as planned where planned.key = letter.key)",
            [destination],
        )


def request_replay(connection: Connection, destination: str, keys: Collection[str] | None = None) -> int:
    """Ask that dead letters of a destination (all, or those of `keys`) be sent again on the next sync.

    Returns:
        The number of letters that will be tried.
    """
    with connection.transaction():
        return connection.execute(
            "update activation.dead_letters set replay_requested = true "
            "where destination = %s and (%s::text[] is null or key = any(%s::text[]))",
            [destination, None if keys is None else list(keys), None if keys is None else list(keys)],
        ).rowcount
