"""The plan of a sync: the difference, counted, and held against the caps that the block declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from activation.consent import GateRules
from activation.database import ActivationError, Connection, require_idle, scalar
from activation.schema import require_current
from activation.sync.block import SyncBlock
from activation.sync.difference import compute
from activation.sync.permission import stamp
from activation.sync.target import require_same_target


@dataclass(frozen=True)
class SyncPlan:
    """What a sync would do, in rows; it names nobody.

    Attributes:
        destination: the block's name.
        added: rows that the destination does not hold.
        changed: rows that it holds otherwise, or may.
        removed: rows to be taken back that a cap may hold.
        withdrawn: rows to be taken back whatever the cap: the person's own word.
        unchanged: rows that it holds as they should be.
        held: rows that were rejected with the very same payload; they wait for another, or for a replay.
        in_doubt: rows of the plan that were sent, and whose fate is not known.
        holds: rows that it acknowledged.
        left_out: candidates that the gate leaves out and the destination does not hold, by reason.
        removed_because: rows to be taken back, by reason.
        broken_caps: which cap the plan breaks, in words; nothing but withdrawals is sent then without confirmation.
        paused: who paused the sync; None: nobody.
        gate_stamp: what the gate's answers rest on.
    """

    destination: str
    added: int
    changed: int
    removed: int
    withdrawn: int
    unchanged: int
    held: int
    in_doubt: int
    holds: int
    left_out: Mapping[str, int]
    removed_because: Mapping[str, int]
    broken_caps: tuple[str, ...]
    paused: str | None
    gate_stamp: tuple[Any, ...] = ()

    @property
    def to_send(self) -> int:
        """Rows that would be sent with every confirmation given."""
        return self.added + self.changed + self.removed + self.withdrawn

    def counts(self) -> dict[str, Any]:
        """The plan as plain values, for a history or a log."""
        return {
            name: value for name, value in asdict(self).items() if name not in ("destination", "paused", "gate_stamp")
        }


@contextmanager
def planned(
    connection: Connection, block: SyncBlock, rules: GateRules | None = None, *, every: bool = False
) -> Iterator[SyncPlan]:
    """Compute the plan and keep its rows in `pg_temp.sync_plan` while the context is open. Nothing is sent.

    `rules`: the gate's. `every`: also rows that are held as they should be, to be read back.

    Raises:
        TargetChanged: if the block names another target than the one that holds what it sent.
        ActivationError: if nothing is published yet, the segment is not published, or the connection has an open
            transaction.
    """
    require_current(connection)
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read")
        connection.execute("set local timezone = 'UTC'")
        connection.execute("set local work_mem = '128MB'")
        anew = not require_same_target(connection, block)
        _require_segment(connection, block)
        compute(connection, block, rules, every=every, anew=anew)
        plan = _counted(connection, block)
    try:
        yield plan
    finally:
        if not connection.closed:
            connection.rollback()
            with connection.transaction():
                connection.execute("drop table if exists pg_temp.sync_plan, pg_temp.sync_shared")


def plan_sync(connection: Connection, block: SyncBlock, rules: GateRules | None = None) -> SyncPlan:
    """What a sync would do now, by the gate's rules; sends nothing and writes nothing.

    Raises:
        ActivationError: as `planned`.
    """
    require_idle(connection)
    with planned(connection, block, rules) as plan:
        return plan


def _require_segment(connection: Connection, block: SyncBlock) -> None:
    if block.segment is None:
        return
    found = scalar(connection, "select true from activation.segments where segment = %s", [block.segment])
    # Without this, a segment that was renamed would look like one that everybody has left.
    if not found:
        raise ActivationError(
            f"the sync {block.name} sends segment {block.segment}, and no such segment is published; correct `model` "
            f"in syncs/{block.name}.yml, or remove the file to end the sync"
        )


def _counted(connection: Connection, block: SyncBlock) -> SyncPlan:
    rows = connection.execute(
        "select state, waits, withdrawn, in_doubt, reason, count(*) from pg_temp.sync_plan group by 1, 2, 3, 4, 5"
    ).fetchall()
    counted: dict[str, int] = {}
    left_out: dict[str, int] = {}
    removed_because: dict[str, int] = {}
    in_doubt, certain_changes = 0, 0
    for state, waits, withdrawn, doubted, reason, number in rows:
        name = "held" if waits else "withdrawn" if withdrawn else state
        counted[name] = counted.get(name, 0) + number
        if state == "left_out":
            left_out[reason] = left_out.get(reason, 0) + number
        if state == "removed":
            removed_because[reason] = removed_because.get(reason, 0) + number
        if name in ("added", "changed", "removed", "withdrawn"):
            in_doubt += number if doubted else 0
        if name == "changed" and not doubted:
            certain_changes += number
    holds, known = connection.execute(
        "select count(*) filter (where payload_hash is not null and not departed), count(*) "
        "from activation.deliveries where destination = %s",
        [block.name],
    ).fetchone() or (0, 0)
    touched = int(
        scalar(
            connection,
            "select count(*) from pg_temp.sync_plan as planned inner join activation.deliveries as delivered "
            "on delivered.destination = %s and delivered.key = planned.key where planned.state <> 'same'",
            [block.name],
        )
    )
    removed = counted.get("removed", 0)
    return SyncPlan(
        destination=block.name,
        added=counted.get("added", 0),
        changed=counted.get("changed", 0),
        removed=removed,
        withdrawn=counted.get("withdrawn", 0),
        unchanged=known - touched,
        held=counted.get("held", 0),
        in_doubt=in_doubt,
        holds=holds,
        left_out=dict(sorted(left_out.items())),
        removed_because=dict(sorted(removed_because.items())),
        broken_caps=tuple(_broken(block, holds, removed, certain_changes)),
        paused=scalar(connection, "select paused_by from activation.sync_pauses where destination = %s", [block.name]),
        gate_stamp=stamp(connection),
    )


def _broken(block: SyncBlock, holds: int, removed: int, changed: int) -> Iterator[str]:
    """A first sync breaks no cap: it takes back and changes nothing."""
    for words, number, share in (("take back", removed, block.cap.removed), ("change", changed, block.cap.changed)):
        if number >= max(block.cap.from_rows, 1) and number > share * holds:
            yield (
                f"it would {words} {number:,} of the {holds:,} rows that the destination holds "
                f"({number / max(holds, 1):.0%}, and the cap is {share:.0%})"
            )
