"""dbt as the tests run it: a process of its own, told of one warehouse."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from orchestration.dbt_build import dbt_environment
from orchestration.warehouse import Warehouse

PROJECT: Final = Path(__file__).parents[1] / "dbt_project"
DBT: Final = (sys.executable, "-m", "dbt.cli.main", "--no-use-colors")
BRAID_DBT: Final = (sys.executable, "-m", "orchestration.dbt_process", "--no-use-colors")  # what a run of Braid calls


def run_child(
    command: Sequence[str], scratch: Path, warehouse: Warehouse, *, project: Path = PROJECT, typed: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command in dbt's project; what dbt writes goes below `scratch`. It may fail: look at the return code."""
    return subprocess.run(
        [*command],
        input=typed,
        cwd=project,
        env={**os.environ, **dbt_environment(warehouse.address, scratch), "DBT_PROFILES_DIR": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )
