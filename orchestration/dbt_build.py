"""The resource `dbt`: the project built against the warehouse, each half of it by one child process."""

from __future__ import annotations

import json
import shutil
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from dagster import AssetExecutionContext
from dagster_dbt import DbtCliResource

from orchestration.dbt_environment import dbt_environment, environment
from orchestration.resources import WarehouseResource
from orchestration.row_counts import with_row_counts

_BUILDS_KEPT: Final = 6


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
        self._forget_old_builds()
        warehouse = self._warehouse.open()
        with environment(dbt_environment(warehouse.address, self._artefacts)):
            invocation = self._cli.cli(["build", "--vars", json.dumps(dict(variables))], context=context)
        events = with_row_counts(invocation.stream(), invocation.manifest["nodes"], warehouse)
        if self._log is None:
            yield from events
            return
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("a") as log, redirect_stdout(log):
            yield from events

    def _forget_old_builds(self) -> None:
        """Each build leaves megabytes of artefacts in a folder of its own; the latest few are worth keeping."""
        builds = sorted(
            (path for path in self._artefacts.glob("*-*-*") if path.is_dir()), key=lambda path: path.stat().st_mtime
        )
        for path in builds[:-_BUILDS_KEPT]:
            shutil.rmtree(path, ignore_errors=True)
