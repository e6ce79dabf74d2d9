"""The plan of a sync: one query compares what a destination should hold with what it acknowledged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg import sql

from activation.database import Connection, scalar
from activation.schema import require_current
from activation.sync.destination import Change, Delivery, Destination


@dataclass(frozen=True)
class SyncPlan:
    """What a sync would do, in rows.

    `held` rows were rejected before with the very same payload; they wait for a new payload or for a replay.
    """

    destination: str
    to_add: int
    changed: int
    removed: int
    unchanged: int
    held: int

    @property
    def to_send(self) -> int:
        """Rows that would be sent."""
        return self.to_add + self.changed + self.removed


@contextmanager
def planned(connection: Connection, destination: Destination) -> Iterator[SyncPlan]:
    """Compute the plan and keep its rows, for `batches`, while the context is open. Nothing is sent.

    Raises:
        ActivationError: if nothing is published yet, or the connection has an open transaction.
    """
    require_current(connection)
    with connection.transaction():
        connection.execute("set local timezone = 'UTC'")
        _compute(connection, destination)
        counts: dict[str, int] = dict(
            connection.execute(
                "select case when held then 'held' else change end, count(*) from pg_temp.sync_plan group by 1"
            ).fetchall()
        )
        unchanged = _unchanged(connection, destination.name)
    try:
        yield SyncPlan(
            destination=destination.name,
            to_add=counts.get(Change.ADDED, 0),
            changed=counts.get(Change.CHANGED, 0),
            removed=counts.get(Change.REMOVED, 0),
            unchanged=unchanged,
            held=counts.get("held", 0),
        )
    finally:
        if not connection.closed:
            connection.rollback()
            with connection.transaction():
                connection.execute("drop table if exists pg_temp.sync_plan")


def plan(connection: Connection, destination: Destination) -> SyncPlan:
    """What `run_sync` would do now; sends nothing and writes nothing."""
    with planned(connection, destination) as result:
        return result


def batches(connection: Connection, size: int) -> Iterator[list[Delivery]]:
    """The rows to send of the open plan, in order of key, `size` at a time; commits between batches are welcome."""
    last = 0
    while True:
        with connection.transaction():
            rows = connection.execute(
                "select position, key, change, payload, payload_hash from pg_temp.sync_plan "
                "where position > %s and not held order by position limit %s",
                [last, size],
            ).fetchall()
        if not rows:
            return
        last = rows[-1][0]
        yield [Delivery(key, Change(change), {}, payload, digest) for _, key, change, payload, digest in rows]


def _compute(connection: Connection, destination: Destination) -> None:
    # A row in doubt was sent, and what the vendor holds is not known: it is sent again whatever its hash.
    query = sql.SQL("""
        create temporary table sync_plan as
        select
            row_number() over (order by moving.key) as position,
            moving.key,
            moving.change,
            moving.payload,
            moving.payload_hash,
            letter.key is not null as held
        from (
            select
                coalesce(desired.key, delivered.key) as key,
                case
                    when desired.key is null then 'removed'
                    when delivered.payload_hash is null then 'added'
                    else 'changed'
                end as change,
                case when desired.key is null then {removal}::jsonb else desired.payload end as payload,
                case when desired.key is null then {removal_hash} else desired.payload_hash end as payload_hash
            from (
                select wanted.key, wanted.payload, {desired_hash} as payload_hash from ({desired}) as wanted
            ) as desired
            full join (
                select key, payload_hash, in_doubt from activation.deliveries where destination = {name}
            ) as delivered on delivered.key = desired.key
            where
                desired.key is null
                or delivered.key is null
                or delivered.in_doubt
                or delivered.payload_hash is distinct from desired.payload_hash
        ) as moving
        left join activation.dead_letters as letter
            on letter.destination = {name}
            and letter.key = moving.key
            and letter.payload_hash = moving.payload_hash
            and not letter.replay_requested
    """).format(
        removal=sql.Literal(json.dumps(destination.removal())),
        removal_hash=_hash_of(sql.SQL("{}::jsonb").format(sql.Literal(json.dumps(destination.removal())))),
        desired_hash=_hash_of(sql.SQL("wanted.payload")),
        desired=destination.desired(),
        name=sql.Literal(destination.name),
    )
    connection.execute(query)
    connection.execute("create index on pg_temp.sync_plan (position)")


def _hash_of(payload: sql.Composable) -> sql.Composed:
    return sql.SQL("encode(sha256(convert_to(({})::text, 'UTF8')), 'hex')").format(payload)


def _unchanged(connection: Connection, destination: str) -> int:
    """Everything delivered that the plan does not touch."""
    return int(
        scalar(
            connection,
            "select count(*) from activation.deliveries as delivered where destination = %s "
            "and not exists (select from pg_temp.sync_plan as planned where planned.key = delivered.key)",
            [destination],
        )
    )
