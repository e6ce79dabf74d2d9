"""The resource `warehouse`: opened on first use, held for one run at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from dagster import (
    DagsterRunStatus,
    InitResourceContext,
    ResourceDefinition,
    RunsFilter,
    resource,
)

from orchestration.settings import Settings
from orchestration.warehouse import Warehouse, WarehouseError

_RUN_LOCK = 0x62726169_64000001  # "braid", 1: any constant that no other program is likely to lock


class WarehouseBusy(WarehouseError):
    """Another run is at work on the warehouse."""


class WarehouseResource:
    """Opens the warehouse when the first asset needs it, and keeps it for the rest of the process."""

    def __init__(self, settings: Settings) -> None:
        """Remember where the warehouse is; nothing is opened yet."""
        self._settings = settings

    @cached_property
    def _warehouse(self) -> Warehouse:
        return Warehouse.open(self._settings)

    def open(self) -> Warehouse:
        """The warehouse; the embedded server is started if need be.

        Raises:
            WarehouseError: if it cannot be reached.
        """
        return self._warehouse

    @contextmanager
    def for_one_run(self) -> Iterator[WarehouseResource]:
        """Hold the warehouse against other runs; Postgres lets go by itself if this process dies.

        Raises:
            WarehouseBusy: if another run holds it.
        """
        with self.open().connect(autocommit=True) as connection:
            row = connection.execute("select pg_try_advisory_lock(%s)", (_RUN_LOCK,)).fetchone()
            if not (row and row[0]):
                raise WarehouseBusy("another Braid run is at work on this warehouse; wait until it has ended.")
            yield self

    def is_busy(self) -> bool:
        """Whether a run holds the warehouse now."""
        try:
            with self.for_one_run():
                return False
        except WarehouseBusy:
            return True


def run_warehouse(opener: WarehouseResource) -> ResourceDefinition:
    """The resource `warehouse`: one run at a time."""

    @resource(description="Postgres, held for one run at a time.")
    def warehouse(context: InitResourceContext) -> Iterator[WarehouseResource]:
        with opener.for_one_run() as held:
            _bury_the_killed(context)
            yield held

    return warehouse


def sync_warehouse(opener: WarehouseResource) -> ResourceDefinition:
    """The resource `sync_warehouse`: what a sync reads was published in one transaction, so no run is waited for."""

    @resource(description="Postgres, for syncs.")
    def warehouse(_: InitResourceContext) -> WarehouseResource:
        return opener

    return warehouse


def _bury_the_killed(context: InitResourceContext) -> None:
    """Whoever holds the warehouse is the only run at work: what Dagster still takes for running was killed."""
    if context.instance is None or context.run is None:
        return
    for run in context.instance.get_runs(
        RunsFilter(job_name=context.run.job_name, statuses=[DagsterRunStatus.STARTED, DagsterRunStatus.STARTING])
    ):
        if run.run_id != context.run.run_id:
            context.instance.report_run_failed(run, f"Killed; run {context.run.run_id} goes on from where it was.")
