"""Where the rows of a sync went, beside where its block says that they go: nobody is looked for in the wrong place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from activation.database import ActivationError, Connection
from activation.destinations.registry import KINDS
from activation.sync.block import SyncBlock


@dataclass(frozen=True)
class Target:
    """A place at a tool, and what the rows there are known by.

    Attributes:
        kind: of destination, such as `klaviyo_list`.
        key: what there is one row per: `customer_id`, or `record:<source>:<entity>`.
        where: the options that say where in the account, such as `{"list": "Newsletter"}`.
    """

    kind: str
    key: str
    where: Mapping[str, str]

    def __str__(self) -> str:
        """The target in the words of a block."""
        said = {"key": self.key, **self.where}
        return f"{self.kind} ({', '.join(f'{name}: {value}' for name, value in said.items())})"


class TargetChanged(ActivationError):
    """A block names another target than the one that holds what it sent."""


def target_of(block: SyncBlock) -> Target:
    """Where a block says that its rows go; of a kind that is not listed every option counts."""
    kind = KINDS.get(block.destination)
    where = {name: str(value) for name, value in block.options.items()} if kind is None else kind.where(block)
    return Target(block.destination, block.key, dict(sorted(where.items())))


def remembered_targets(connection: Connection) -> dict[str, Target]:
    """Where the rows of each sync went, by its name; part of the caller's transaction."""
    rows = connection.execute("select destination, target from activation.sync_targets").fetchall()
    return {name: _read(target) for name, target in rows}


def remembered_target(connection: Connection, name: str) -> Target | None:
    """Where the rows of a sync went; None: no run has remembered it. Part of the caller's transaction."""
    found = connection.execute("select target from activation.sync_targets where destination = %s", [name]).fetchone()
    return None if found is None else _read(found[0])


def require_same_target(connection: Connection, block: SyncBlock) -> bool:
    """Refuse a block that names another target while the former one may hold a row; part of the caller's transaction.

    Returns:
        Whether the target is the one of before, or the first; False: it is a new one, and the former holds nothing.

    Raises:
        TargetChanged: saying what is held where, and the ways out.
    """
    former, declared = remembered_target(connection, block.name), target_of(block)
    if former is None or former == declared:
        return True
    held, in_doubt, erased = connection.execute(_LEFT, [block.name]).fetchone() or (0, 0, 0)
    if not held:
        return False
    doubt = f", {in_doubt:,} of them in doubt" if in_doubt else ""
    asked = f" ({erased:,} of them asked to be forgotten)" if erased else ""
    raise TargetChanged(
        f"the sync {block.name} is declared to go to {declared}, and {held:,} rows{doubt} that it sent are in "
        f"{former}. Nothing is sent to either: who withdraws or is to be erased waits there as well{asked}. Put the "
        f"former target back in syncs/{block.name}.yml. To leave it, put it back with `model: nobody` and `mode: "
        f"mirror`, take all back by `braid sync run {block.name} --confirm`, and change it then; or declare the new "
        f"target in a file of its own name. Only when the former place is gone: `braid sync forget {block.name}`"
    )


def adopt(connection: Connection, block: SyncBlock) -> None:
    """Remember the target that a sync is about to send to; a transaction of its own.

    To be called when `require_same_target` has passed, under the lock of the sync. What another target refused says
    nothing of this one, so its dead letters go.
    """
    declared = target_of(block)
    with connection.transaction():
        former = remembered_target(connection, block.name)
        if former == declared:
            return
        connection.execute(_ADOPTED, [block.name, json.dumps(asdict(declared))])
        if former is not None:
            connection.execute("delete from activation.dead_letters where destination = %s", [block.name])


def _read(target: Mapping[str, Any]) -> Target:
    return Target(target["kind"], target["key"], dict(sorted(target["where"].items())))


# Any row counts, whatever it says: who left an upsert, or was never answered, may be there.
_LEFT: Final = """
    select count(*), count(*) filter (where in_doubt), count(*) filter (where erase_requested)
    from activation.deliveries
    where destination = %s
"""

_ADOPTED: Final = """
    insert into activation.sync_targets (destination, target) values (%s, %s)
    on conflict (destination) do update set target = excluded.target, adopted_at = now()
"""
