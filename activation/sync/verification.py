"""What a destination holds, beside what it should: read back row by row, where it can be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from activation.consent import GateRules
from activation.database import ActivationError, Connection, exclusive
from activation.sync.block import SyncBlock
from activation.sync.destination import Fate, Receiver
from activation.sync.planning import SyncPlan, planned
from activation.sync.rows import standing
from activation.sync.shared import find_shared


@dataclass(frozen=True)
class Verification:
    """What was read back.

    Attributes:
        agreeing: rows that the destination holds exactly as it acknowledged them.
        differing: keys of rows that it holds otherwise, or no longer: somebody has changed them there.
        plan: what a sync would do now; rows of it are not read back.
    """

    agreeing: int
    differing: tuple[str, ...]
    plan: SyncPlan


def verify(
    connection: Connection,
    block: SyncBlock,
    receiver: Receiver,
    *,
    rules: GateRules | None = None,
    repair: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Verification:
    """Compare what a destination holds with what it acknowledged; nothing is sent.

    Args:
        connection: psycopg, without an open transaction.
        block: what is declared.
        receiver: the tool.
        rules: the gate's.
        repair: rows that differ are forgotten to be acknowledged, so that the next sync looks after them.
        progress: told the number of rows after each batch.

    Raises:
        ActivationError: if the tool cannot be read, a sync of it is running, or as `planned`.
        DestinationError: if it cannot be reached.
    """
    if not receiver.reads_back:
        raise ActivationError(
            f"{receiver.name} does not tell what it holds, so the sync {block.name} cannot be verified; "
            f"`braid sync history {block.name}` says what it acknowledged"
        )
    agreeing = 0
    differing: list[str] = []
    with exclusive(connection, f"sync of {block.name}"), planned(connection, block, rules, every=True) as plan:
        find_shared(connection, block.name, receiver)
        for batch in standing(connection, receiver):
            held = {outcome.key for outcome in receiver.confirm(batch) if outcome.fate is Fate.ACKNOWLEDGED}
            agreeing += len(held)
            differing += [row.key for row in batch if row.key not in held]
            if progress is not None:
                progress(len(batch))
        if repair and differing:
            with connection.transaction():
                connection.execute(
                    "update activation.deliveries set payload_hash = null, in_doubt = true "
                    "where destination = %s and key = any(%s::text[])",
                    [block.name, differing],
                )
    return Verification(agreeing, tuple(differing), plan)
