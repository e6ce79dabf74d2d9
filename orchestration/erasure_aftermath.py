"""What an erasure leaves to do outside of the database: files of Braid's own, and deletes at destinations."""

from __future__ import annotations

import shutil
from contextlib import closing

from rich.console import Console

from activation.database import ActivationError, Connection, scalar
from activation.destinations.registry import build
from activation.sync.engine import run_sync
from orchestration.declared_syncs import configured_syncs
from orchestration.settings import Settings


def forget_files(settings: Settings) -> None:
    """Remove the caches below Braid's home that hold people; the next run makes them of what is left.

    `identity/matching.duckdb` is the state of matching (decision 0006). `dlt` has the packages of loads that were
    interrupted; how far each source was read is also in the warehouse, and is taken up from there.
    """
    for file in (settings.home / "identity").glob("matching.duckdb*"):
        file.unlink(missing_ok=True)
    shutil.rmtree(settings.home / "dlt", ignore_errors=True)


def send_deletes(connection: Connection, settings: Settings, console: Console) -> None:
    """Sync the destinations that are to forget somebody; what cannot be sent now waits for their next sync."""
    with connection.transaction():
        waiting = scalar(
            connection, "select array_agg(distinct destination) from activation.deliveries where erase_requested"
        )
    declared = {sync.block.name: sync for sync in configured_syncs(settings)} if waiting else {}
    for destination in sorted(waiting or []):
        sync = declared.get(destination)
        if sync is None:
            console.print(
                f"{destination} is not declared or not configured here: what it holds waits until it is.",
                highlight=False,
            )
            continue
        try:
            with closing(build(sync.block, settings.accounts)) as receiver:
                run_sync(connection, sync.block, receiver, rules=settings.gate_rules)
        except ActivationError as error:
            console.print(f"{destination}: {error}", highlight=False, markup=False)
