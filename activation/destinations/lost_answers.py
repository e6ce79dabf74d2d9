"""Nothing twice: after an answer that was lost, look what the vendor holds, and send only what is missing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from activation.destinations.vendor_client import AnswerLost, VendorClient
from activation.sync.destination import BatchRejected, Delivery, DestinationError, Fate, Outcome

Step = Callable[[Sequence[Delivery]], Sequence[Outcome]]


def settled(client: VendorClient, batch: Sequence[Delivery], send: Step, confirm: Step) -> list[Outcome]:
    """Send a batch with requests that are made once; rows that the vendor turns out to hold are not sent again.

    Raises:
        BatchRejected: if the vendor refused the whole batch and nothing of it is known to be applied.
        DestinationError: if answers are lost again and again.
    """
    done: dict[str, Outcome] = {}
    rest = list(batch)
    for attempt in range(1, client.retry.attempts + 1):
        try:
            done |= {outcome.key: outcome for outcome in send(rest)}
            return list(done.values())
        except BatchRejected as refusal:
            if not done:
                raise
            return [*done.values(), *_halved(client, rest, send, confirm, refusal)]
        except AnswerLost as lost:
            wait = client.pause(attempt) if lost.retry_after is None else lost.retry_after
            time.sleep(min(wait, client.retry.longest_wait))
            held = [outcome for outcome in confirm(rest) if outcome.fate is Fate.ACKNOWLEDGED]
            done |= {outcome.key: outcome for outcome in held}
            rest = [row for row in rest if row.key not in done]
            what = lost
            if not rest:
                return list(done.values())
    raise DestinationError(
        f"{client.vendor} did not recover: {what}, {client.retry.attempts} times. "
        "Nothing is lost; what was sent is looked up by the next sync."
    )


def _halved(
    client: VendorClient, rest: Sequence[Delivery], send: Step, confirm: Step, refusal: BatchRejected
) -> list[Outcome]:
    """A batch of which a part is applied may not go back whole to the engine, which would send that part again."""
    if len(rest) == 1:
        return [Outcome(rest[0].key, Fate.REJECTED, str(refusal))]
    middle = len(rest) // 2
    outcomes: list[Outcome] = []
    for half in (rest[:middle], rest[middle:]):
        try:
            outcomes += settled(client, half, send, confirm)
        except BatchRejected as again:
            outcomes += _halved(client, half, send, confirm, again)
    return outcomes
