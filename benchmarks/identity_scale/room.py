"""A PostgreSQL of its own with identity's tables, and a run of identity on it as the platform does it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from identity.pipeline import Resolution
from orchestration.identity_run import propose, publish, read_inputs
from orchestration.identity_store import IdentityStore
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse

LOADING, WRITING = "loading records and what is live", "writing to PostgreSQL"


@contextmanager
def open_room(folder: Path) -> Iterator[tuple[IdentityStore, Settings]]:
    """An embedded server under `folder`, stopped at the end."""
    os.environ["BRAID_HOME"] = str(folder)
    os.environ.pop("BRAID_DATABASE_URL", None)
    settings = Settings()
    warehouse = Warehouse.open(settings)
    try:
        yield IdentityStore(warehouse), settings
    finally:
        warehouse.stop()


def run_identity(
    store: IdentityStore,
    settings: Settings,
    records: pa.Table,
    *,
    run_id: str,
    progress: Callable[[str], None],
    model: str | None = None,
) -> Resolution:
    """Resolve the records on top of what is published, and publish.

    `LOADING` is the step that reads records and what is live; `model` is used instead of that of the last run.
    """
    with store.warehouse.transaction() as transaction:
        transaction.execute("drop table if exists identity.identity_records")
        transaction.ingest("identity_records", records, schema="identity", mode="create")
    progress(LOADING)
    inputs = read_inputs(store, settings)
    if model is not None:
        inputs = replace(inputs, model=model)
    proposal = propose(store, inputs, run_id=run_id, progress=progress)
    progress(WRITING)
    publish(store, proposal, by="bounds")
    return proposal.resolution
