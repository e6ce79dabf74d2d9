"""What assets are handed: the warehouse and dbt, both opened on first use."""

from __future__ import annotations

import json
import os
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from functools import cached_property
from pathlib import Path
from typing import Any

from dagster import (
    AssetExecutionContext,
    DagsterRunStatus,
    InitResourceContext,
    ResourceDefinition,
    RunsFilter,
    resource,
)
from dagster_dbt import DbtCliResource

from orchestration.settings import Settings
from orchestration.warehouse import Address, Warehouse, WarehouseError

_RUN_LOCK = 0x62726169_64000001  # "braid", 1: any constant that no other program is likely to lock


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
            WarehouseError: if another run holds it.
        """
        with self.open().connect(autocommit=True) as connection:
            row = connection.execute("select pg_try_advisory_lock(%s)", (_RUN_LOCK,)).fetchone()
            if not (row and row[0]):
                raise WarehouseError("another Braid run is at work on this warehouse; wait until it has ended.")
            yield self

    def is_busy(self) -> bool:
        """Whether a run holds the warehouse now."""
        try:
            with self.for_one_run():
                return False
        except WarehouseError:
            return True


def run_warehouse(opener: WarehouseResource) -> ResourceDefinition:
    """The resource `warehouse`: one run at a time."""

    @resource(description="Postgres, held for one run at a time.")
    def warehouse(context: InitResourceContext) -> Iterator[WarehouseResource]:
        with opener.for_one_run() as held:
            _bury_the_killed(context)
            yield held

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


class WarehouseDbt:
    """dbt that is told the warehouse's address through its own environment, so no password is written to disk."""

    def __init__(
        self, warehouse: WarehouseResource, project_dir: Path, artefacts: Path, *, log: Path | None = None
    ) -> None:
        """Run the project in `project_dir` against `warehouse`, its artefacts below `artefacts`.

        dbt's own words go to the step's output, or to `log` when a person watches the run's progress instead.
        """
        self._log = log
        self._warehouse = warehouse
        self._project_dir = project_dir
        self._artefacts = artefacts

    @cached_property
    def _cli(self) -> DbtCliResource:
        executable = Path(sysconfig.get_path("scripts")) / "braid-dbt"
        folder = str(self._project_dir)
        return DbtCliResource(project_dir=folder, profiles_dir=folder, dbt_executable=str(executable))

    def build(self, variables: Mapping[str, str], context: AssetExecutionContext) -> Iterator[Any]:
        """Build the models of `context` with their tests; yield Dagster's events, row counts with them."""
        with environment(dbt_environment(self._warehouse.open().address, self._artefacts)):
            invocation = self._cli.cli(["build", "--vars", json.dumps(dict(variables))], context=context)
        if self._log is None:
            yield from invocation.stream().fetch_row_counts()
            return
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("a") as log, redirect_stdout(log):
            yield from invocation.stream().fetch_row_counts()


def dbt_environment(address: Address | None, artefacts: Path) -> dict[str, str]:
    """The variables that `dbt_project/profiles.yml` reads; without an address, enough to parse."""
    variables = {
        "DBT_TARGET_PATH": str(artefacts.resolve()),
        "DBT_LOG_PATH": str(artefacts.resolve()),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    if address is not None:
        variables |= {
            "BRAID_DBT_HOST": address.host,
            "BRAID_DBT_PORT": str(address.port),
            "BRAID_DBT_USER": address.user,
            "BRAID_DBT_PASSWORD": address.password,
            "BRAID_DBT_DATABASE": address.database,
        }
    return variables


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for the length of a block, for child processes that only listen there."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
