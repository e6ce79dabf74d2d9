"""Run a sync: what a person's word takes back first, then the rest batch by batch, each one's fate written down."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from activation.consent import GateRules
from activation.database import ActivationError, Connection, exclusive
from activation.sync.asked_again import still_permitted
from activation.sync.block import SyncBlock
from activation.sync.destination import (
    BatchRejected,
    Delivery,
    DestinationError,
    Fate,
    Outcome,
    Receiver,
)
from activation.sync.history import SyncStatus, begin, close_killed, finish, refresh_statistics
from activation.sync.ledger import NOT_APPLIED, mark_in_doubt, record, settle_without_sending
from activation.sync.planning import SyncPlan, planned
from activation.sync.profile_paths import kind_of
from activation.sync.rows import Row, batches, taken_back_instead
from activation.sync.shared import find_shared
from activation.sync.target import adopt

_ATTEMPTS: Final = 3
"""How often a row is sent that the vendor accepts and does not hold."""

_FIRST_PAUSE: Final = 0.2
"""Seconds before such a row is sent again; doubles. Some vendors show a write only after a moment."""


@dataclass(frozen=True)
class SyncReport:
    """What a sync planned and what became of it, in rows.

    Attributes:
        plan: what it was to do.
        acknowledged: rows that the destination took.
        rejected: rows that it refused; they are dead letters.
        unknown: rows that were sent and of which it did not say; the next sync looks after them.
        confirmed: of those acknowledged, rows of an earlier sync that it was found to hold already: not sent again.
    """

    plan: SyncPlan
    acknowledged: int
    rejected: int
    unknown: int
    confirmed: int

    @property
    def sent(self) -> int:
        """Rows that were sent."""
        return self.acknowledged + self.rejected + self.unknown - self.confirmed

    def counts(self) -> dict[str, int]:
        """The outcome as plain values, for a history or a log."""
        return {
            "sent": self.sent,
            "acknowledged": self.acknowledged,
            "rejected": self.rejected,
            "unknown": self.unknown,
            "confirmed": self.confirmed,
        }


class SyncHeldBack(ActivationError):
    """A cap is broken, or somebody has paused the sync: nothing but withdrawals was sent. `report` says what was."""

    def __init__(self, message: str, report: SyncReport) -> None:
        """Keep the report beside the message."""
        super().__init__(message)
        self.report = report


def run_sync(
    connection: Connection,
    block: SyncBlock,
    receiver: Receiver,
    *,
    rules: GateRules | None = None,
    confirmed: bool = False,
) -> SyncReport:
    """Bring a destination to what its block declares; only what differs from what it acknowledged is sent.

    Killed at any point and run again, it ends in the same state: what was acknowledged is remembered, and what was sent
    without an answer is looked up, or sent again under the same idempotency key.

    Args:
        connection: psycopg, without an open transaction.
        block: what is declared.
        receiver: the tool.
        rules: the gate's.
        confirmed: a person has seen what the caps hold back, and wants it.

    Raises:
        SyncHeldBack: if a cap is broken and nobody confirmed, or the sync is paused; withdrawals are sent all the same.
        DestinationError: if the destination cannot be reached or refuses us; what was acknowledged stays so.
        TargetChanged: if the block names another target than the one that holds what it sent; nothing is sent.
        ActivationError: if a sync of the same destination is running, or as `planned`.
    """
    with exclusive(connection, f"sync of {block.name}"), planned(connection, block, rules) as plan:
        close_killed(connection, block.name)
        adopt(connection, block)
        find_shared(connection, block.name, receiver)
        settle_without_sending(connection, block.name)
        held_back = _why_held_back(plan, confirmed=confirmed)
        if not plan.to_send:
            return SyncReport(plan, 0, 0, 0, 0)
        counts = _Counts()
        sync_id = begin(connection, plan, confirmed=confirmed)
        try:
            _send(connection, block, receiver, rules, plan, sync_id, counts, only_withdrawn=held_back is not None)
        except BaseException as error:
            if not connection.closed:
                connection.rollback()
                said = str(error) if isinstance(error, ActivationError) else type(error).__name__
                finish(connection, sync_id, SyncStatus.FAILED, counts.report(plan).counts(), said)
            if isinstance(error, DestinationError):
                raise DestinationError(
                    f"{error} ({counts.settled} of {plan.to_send} rows were settled before; "
                    "the next sync sends the rest)"
                ) from error
            raise
        report = counts.report(plan)
        status = SyncStatus.DONE if held_back is None else SyncStatus.HELD_BACK
        finish(connection, sync_id, status, report.counts(), held_back)
        refresh_statistics(connection, plan, counts.settled)
        if held_back is not None:
            raise SyncHeldBack(held_back, report)
        return report


def _why_held_back(plan: SyncPlan, *, confirmed: bool) -> str | None:
    waiting = plan.to_send - plan.withdrawn
    if plan.paused is not None and waiting:
        return (
            f"the sync {plan.destination} is paused by {plan.paused}: {waiting:,} rows wait, and only what "
            f"people have withdrawn was sent; `braid sync resume {plan.destination}` lets it go on"
        )
    if plan.broken_caps and not confirmed:
        return (
            f"the sync {plan.destination} is held back: {'; '.join(plan.broken_caps)}. Only what people have "
            f"withdrawn was sent. Look at `braid sync plan {plan.destination}`; if it is right, "
            f"`braid sync run {plan.destination} --confirm` sends it"
        )
    return None


class _Counts:
    """What became of the rows so far."""

    def __init__(self) -> None:
        self.by_fate = dict.fromkeys(Fate, 0)
        self.confirmed = 0

    @property
    def settled(self) -> int:
        return self.by_fate[Fate.ACKNOWLEDGED] + self.by_fate[Fate.REJECTED]

    def add(self, fates: Mapping[Fate, int]) -> None:
        for fate, number in fates.items():
            self.by_fate[fate] += number

    def report(self, plan: SyncPlan) -> SyncReport:
        return SyncReport(
            plan,
            self.by_fate[Fate.ACKNOWLEDGED],
            self.by_fate[Fate.REJECTED],
            self.by_fate[Fate.UNKNOWN],
            self.confirmed,
        )


def _send(
    connection: Connection,
    block: SyncBlock,
    receiver: Receiver,
    rules: GateRules | None,
    plan: SyncPlan,
    sync_id: int,
    counts: _Counts,
    *,
    only_withdrawn: bool,
) -> None:
    verify = receiver.reads_back and block.verify is not False
    prepared = False
    for planned_batch in batches(connection, block.name, receiver, only_withdrawn=only_withdrawn):
        batch = still_permitted(connection, block, rules, planned_batch, plan.gate_stamp)
        if not batch:
            continue
        if not prepared:
            receiver.prepare(
                {name: kind for name, path in block.mapping.items() if (kind := kind_of(path)) is not None}
            )
            prepared = True
        settled = {row.key: Outcome(row.key, Fate.ACKNOWLEDGED) for row in batch if not row.needs_sending}
        doubtful = [row.delivery for row in batch if row.in_doubt and row.needs_sending]
        if doubtful and receiver.reads_back:
            found = _acknowledged(receiver.confirm(doubtful))
            counts.confirmed += len(found)
            settled |= found
        if settled:
            known = [row for row in batch if row.key in settled]
            counts.add(record(connection, block.name, sync_id, known, settled))
        if len(settled) < len(batch):
            to_send = [row for row in batch if row.key not in settled]
            outcomes = _send_batch(connection, block, receiver, sync_id, to_send, verify=verify)
            counts.add(Counter(outcomes.get(row.key, Outcome(row.key, Fate.UNKNOWN)).fate for row in to_send))


def _send_batch(
    connection: Connection, block: SyncBlock, receiver: Receiver, sync_id: int, batch: Sequence[Row], *, verify: bool
) -> dict[str, Outcome]:
    """Mark a batch as in doubt, send what needs sending, write down what became of it.

    Where the tool refuses the new form of a row whose former address may no longer be used, that address is taken back
    first, and the refusal written down after it: a dead letter keeps the row from being sent, and the address with it.
    """
    marked, outcomes = _sent(connection, block, receiver, batch, verify=verify)
    refused = [row for row in marked if row.withdrawn and not row.is_removal and _is_refused(outcomes, row)]
    waiting = {row.key for row in refused}
    record(connection, block.name, sync_id, [row for row in marked if row.key not in waiting], outcomes)
    if refused:
        instead, taken_back = _sent(
            connection, block, receiver, [taken_back_instead(row) for row in refused], verify=verify
        )
        record(connection, block.name, sync_id, instead, taken_back)
        gone = _acknowledged(list(taken_back.values()))
        record(connection, block.name, sync_id, [row for row in refused if row.key in gone], outcomes)
    return outcomes


def _sent(
    connection: Connection, block: SyncBlock, receiver: Receiver, batch: Sequence[Row], *, verify: bool
) -> tuple[list[Row], dict[str, Outcome]]:
    marked = mark_in_doubt(connection, block.name, batch)
    deliveries = [row.delivery for row in marked if row.needs_sending]
    outcomes = {row.key: Outcome(row.key, Fate.ACKNOWLEDGED) for row in marked if not row.needs_sending}
    if deliveries:
        outcomes |= _verified(receiver, deliveries) if verify else _deliver(receiver, deliveries)
    return marked, outcomes


def _deliver(receiver: Receiver, batch: Sequence[Delivery]) -> dict[str, Outcome]:
    """Send a batch; halve it when the vendor refuses it for its content, until the bad rows stand alone."""
    try:
        return {outcome.key: outcome for outcome in receiver.deliver(batch)}
    except BatchRejected as error:
        if len(batch) == 1:
            return {batch[0].key: Outcome(batch[0].key, Fate.REJECTED, str(error))}
        middle = len(batch) // 2
        return _deliver(receiver, batch[:middle]) | _deliver(receiver, batch[middle:])


def _verified(
    receiver: Receiver, batch: Sequence[Delivery], pause: Callable[[float], None] = time.sleep
) -> dict[str, Outcome]:
    """Send a batch and read back what was accepted; what is not there is sent again, and at last rejected."""
    outcomes = _deliver(receiver, batch)
    for attempt in range(_ATTEMPTS):
        accepted = [row for row in batch if _fate(outcomes, row) is Fate.ACKNOWLEDGED]
        seen = _acknowledged(receiver.confirm(accepted)) if accepted else {}
        missing = [row for row in accepted if row.key not in seen]
        if not missing:
            return outcomes
        if attempt == _ATTEMPTS - 1:
            break
        pause(_FIRST_PAUSE * 2**attempt)
        outcomes |= _deliver(receiver, missing)
        batch = missing
    reason = f"{NOT_APPLIED}, {_ATTEMPTS} times"
    return outcomes | {row.key: Outcome(row.key, Fate.REJECTED, reason) for row in missing}


def _is_refused(outcomes: Mapping[str, Outcome], row: Row) -> bool:
    """Whether the tool said no to a row."""
    return row.key in outcomes and outcomes[row.key].fate is Fate.REJECTED


def _fate(outcomes: Mapping[str, Outcome], row: Delivery) -> Fate:
    outcome = outcomes.get(row.key)
    return Fate.UNKNOWN if outcome is None else outcome.fate


def _acknowledged(outcomes: Sequence[Outcome]) -> dict[str, Outcome]:
    return {outcome.key: outcome for outcome in outcomes if outcome.fate is Fate.ACKNOWLEDGED}
