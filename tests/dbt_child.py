"""dbt as the tests run it: a process of its own, told of one warehouse."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from orchestration.dbt_environment import dbt_environment
from orchestration.warehouse import Warehouse
from tests.dbt_fork import PRELOADED, call_dbt
from tests.parsed_project import keep, lend, variables_of

PROJECT: Final = Path(__file__).parents[1] / "dbt_project"
DBT: Final = (sys.executable, "-m", "dbt.cli.main", "--no-use-colors")
BRAID_DBT: Final = (sys.executable, "-m", "orchestration.dbt_process", "--no-use-colors")  # what a run of Braid calls

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([*PRELOADED])


def run_child(
    command: Sequence[str], scratch: Path, warehouse: Warehouse, *, project: Path = PROJECT, typed: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command in dbt's project; what dbt writes goes below `scratch`. It may fail: look at the return code."""
    environment = {**os.environ, **dbt_environment(warehouse.address, scratch), "DBT_PROFILES_DIR": str(project)}
    reading = (scratch, warehouse.address, project, variables_of(command))
    lend(*reading)
    if tuple(command[:3]) == BRAID_DBT[:3]:
        done = _fork(command, project, environment)
    else:
        done = subprocess.run(
            [*command], input=typed, cwd=project, env=environment, capture_output=True, text=True, check=False
        )
    keep(*reading)
    return done


def _fork(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run Braid's dbt in a fork of a process that has already imported dbt: to import it costs seconds each time."""
    with TemporaryDirectory() as said:
        out, err = Path(said) / "out", Path(said) / "err"
        child = _forks.Process(target=call_dbt, args=(command[3:], folder, dict(environment), out, err))
        child.start()
        child.join()
        status = child.exitcode
        assert status is not None
        return subprocess.CompletedProcess([*command], status, out.read_text(), err.read_text())
