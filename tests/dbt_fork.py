"""Braid's dbt in a fork of a process that has imported it; a module of its own, so that a fork imports nothing more."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

PRELOADED: Final = (
    "tests.dbt_fork",
    "tests.dbt_warm",
    "dbt.adapters.postgres",
    "orchestration.dbt_process.artefacts",
    "orchestration.dbt_process.connections",
    "orchestration.dbt_process.events",
    "orchestration.dbt_process.templates",
)


def call_dbt(arguments: Sequence[str], folder: Path, environment: Mapping[str, str], out: Path, err: Path) -> None:
    """Be dbt with these arguments, in this folder and environment, and write what it says to these files.

    Called in a fork, which ends with it.
    """
    for stream, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["dbt", *arguments]
    from orchestration.dbt_process import main

    main()
