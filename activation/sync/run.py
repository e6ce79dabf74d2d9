"""Run a sync: send the plan batch by batch, and write down each batch's fate before the next is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from activation.database import Connection, exclusive
from activation.sync.destination import BatchRejected, Delivery, Destination, DestinationError, Fate, Outcome
from activation.sync.memory import forget_settled_letters, mark_in_doubt, record
from activation.sync.plan import SyncPlan, batches, planned


@dataclass(frozen=True)
class SyncReport:
    """What a sync planned and what became of it, in rows.

    `unknown` rows were sent and the destination did not say what became of them; the next sync sends them again.
    """

    plan: SyncPlan
    acknowledged: int
    rejected: int
    unknown: int

    @property
    def sent(self) -> int:
        """Rows that were sent."""
        return self.acknowledged + self.rejected + self.unknown


def run_sync(connection: Connection, destination: Destination) -> SyncReport:
    """Bring a destination to its desired state; only what differs from what it acknowledged is sent.

    Killed at any point and run again, it ends in the same state: what was acknowledged is remembered, and what was
    sent without an answer is in doubt and sent again.

    Raises:
        DestinationError: if the destination cannot be reached or refuses us; what was acknowledged stays so.
        ActivationError: if a sync of the same destination is running, or the connection has an open transaction.
    """
    name = destination.name
    counts = dict.fromkeys(Fate, 0)
    with exclusive(connection, f"sync of {name}"), planned(connection, destination) as plan:
        forget_settled_letters(connection, name)
        if plan.to_send:
            try:
                destination.prepare()
                for batch in batches(connection, destination.batch_size):
                    mark_in_doubt(connection, name, batch)
                    outcomes = _deliver(destination, batch)
                    for fate, number in record(connection, name, batch, outcomes).items():
                        counts[fate] += number
            except DestinationError as error:
                done = sum(counts.values())
                raise DestinationError(
                    f"{error} ({done} of {plan.to_send} rows were settled before; the next sync sends the rest)"
                ) from error
    return SyncReport(plan, counts[Fate.ACKNOWLEDGED], counts[Fate.REJECTED], counts[Fate.UNKNOWN])


def _deliver(destination: Destination, batch: Sequence[Delivery]) -> list[Outcome]:
    """Send a batch; halve it when the vendor refuses it for its content, until the bad rows stand alone."""
    try:
        return list(destination.deliver(batch))
    except BatchRejected as error:
        if len(batch) == 1:
            return [Outcome(batch[0].key, Fate.REJECTED, str(error))]
        middle = len(batch) // 2
        return _deliver(destination, batch[:middle]) + _deliver(destination, batch[middle:])
