"""A segment then and now, compared in the warehouse."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from orchestration.warehouse import Warehouse


@dataclass(frozen=True)
class Change:
    """A customer and what became of it (stayed, entered, left); `reason` is that of now, or of then for who left."""

    customer_id: str
    change: str
    reason: dict[str, Any]


@dataclass(frozen=True)
class Backtest:
    """Numbers of customers, those held back on a side being out of it; `changes` by customer id, when asked for."""

    stayed: int
    entered: int
    left: int
    held_back_then: int
    held_back_now: int
    changes: tuple[Change, ...]

    @property
    def size_then(self) -> int:
        """How many were in it."""
        return self.stayed + self.left

    @property
    def size_now(self) -> int:
        """How many are in it."""
        return self.stayed + self.entered


@dataclass(frozen=True)
class Scratch:
    """Which models stand in the schemas of `prefix`; any other is the same then and now."""

    prefix: str
    models: frozenset[str]

    def table(self, segment: str) -> str:
        """Where a segment as of then is."""
        model = f"seg_{segment}"
        return f"{self.prefix}segments.{model}" if model in self.models else f"segments.{model}"


def compare(
    warehouse: Warehouse, segment: str, held_by: Sequence[str], scratch: Scratch, *, customers: bool
) -> Backtest:
    """Compare the live segment with the one of `scratch`.

    Args:
        warehouse: where both are.
        segment: its name.
        held_by: the segments whose members are left out of it.
        scratch: what was built as of then.
        customers: whether to read who stayed, entered and left.
    """
    then = _members(scratch.table(segment), [scratch.table(name) for name in held_by])
    now = _members(f"segments.seg_{segment}", [f"segments.seg_{name}" for name in held_by])
    sides = _SIDES.format(then=then, now=now)
    with warehouse.transaction() as transaction:
        counts = transaction.read(f"{sides} {_COUNTS}").to_pylist()[0]
        rows = transaction.read(f"{sides} {_CHANGES}").to_pylist() if customers else []
    return Backtest(
        **counts,
        changes=tuple(Change(row["customer_id"], row["change"], json.loads(row["reason"])) for row in rows),
    )


def _members(table: str, held_by: Sequence[str]) -> str:
    held = " union ".join(f"select customer_id from {name}" for name in held_by)
    return f"""
        select members.customer_id, members.reason, held.customer_id is not null as is_held_back
        from {table} as members
        left join ({held or "select cast(null as text) as customer_id where false"}) as held
            on members.customer_id = held.customer_id
    """


_SIDES: Final = """
    with compared as (
        select
            coalesce(now.customer_id, was.customer_id) as customer_id,
            coalesce(now.reason, was.reason)::text as reason,
            coalesce(was.is_held_back, false) as was_held_back,
            coalesce(now.is_held_back, false) as is_held_back,
            case
                when not was.is_held_back and not now.is_held_back then 'stayed'
                when not now.is_held_back then 'entered'
                when not was.is_held_back then 'left'
            end as change
        from ({then}) as was
        full join ({now}) as now on was.customer_id = now.customer_id
    )
"""

_COUNTS: Final = """
    select
        count(*) filter (where change = 'stayed') as stayed,
        count(*) filter (where change = 'entered') as entered,
        count(*) filter (where change = 'left') as left,
        count(*) filter (where was_held_back) as held_back_then,
        count(*) filter (where is_held_back) as held_back_now
    from compared
"""

_CHANGES: Final = """
    select customer_id, change, reason from compared where change is not null
    order by array_position(array['left', 'entered', 'stayed'], change), customer_id collate "C"
"""
