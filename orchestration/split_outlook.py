"""What the bounds, and what people decided, would make of a split that is about to be asked for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

import pyarrow as pa

from identity.plan import make_plan
from orchestration.identity_facts import read_facts
from orchestration.identity_store import IdentityStore
from orchestration.settings import Settings


def held_by(
    store: IdentityStore, settings: Settings, leaving: Collection[str], records: Collection[str]
) -> tuple[str, ...]:
    """Why the next plan would hold a split back, by the names of bounds or `hold`; empty when nothing would.

    Nothing is written, and nobody is compared: it is asked of just this split, not of what clustering makes of it.

    Args:
        store: where customers, decisions and consents are.
        settings: the bounds.
        leaving: the records that are to leave; one that is not the customer's now is not looked at.
        records: all records of their customer.
    """
    gone, kept = sorted(set(records) & set(leaving)), sorted(set(records) - set(leaving))
    scope = pa.array([*gone, *kept], pa.string())
    plan = make_plan(
        pa.table({"record_id": scope, "cluster": pa.array([0] * len(gone) + [1] * len(kept))}),
        store.assignment(),
        store.ledger(),
        run_id="outlook",
        now=datetime.now(UTC),
        bounds=settings.identity_bound,
        decisions=store.plans.decisions(),
        facts=read_facts(store.warehouse, settings.identity_strong_ids),
        scope=scope,
    )
    because = [words for change in plan.changes.to_pylist() if change["held"] for words in change["held_because"]]
    return tuple(dict.fromkeys(words.partition(":")[0] for words in because))
