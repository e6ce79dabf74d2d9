"""dbt called once by a command of `braid`, beside any run: its artefacts are in a folder of the command's own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from dbt.constants import PARTIAL_PARSE_FILE_NAME

from orchestration.dbt_environment import dbt_environment
from orchestration.dbt_manifest import PROJECT_DIR, ManifestError
from orchestration.warehouse import Address


class DbtFailed(ManifestError):
    """dbt refused; the message holds its own words."""


def call_dbt(
    address: Address, artefacts: Path, variables: Mapping[str, object], *arguments: str, project: Path = PROJECT_DIR
) -> str:
    """Run one dbt command to its end and return what it printed; the password stays in dbt's own environment.

    Raises:
        DbtFailed: if dbt ends with an error.
    """
    artefacts.mkdir(parents=True, exist_ok=True)
    _start_from_what_runs_read(artefacts)
    command = [sys.executable, "-m", "orchestration.dbt_process", "--quiet", "--no-use-colors", *arguments]
    done = subprocess.run(  # noqa: S603
        [
            *command,
            "--vars",
            json.dumps(dict(variables)),
            "--project-dir",
            str(project),
            "--profiles-dir",
            str(project),
        ],
        env={**os.environ, **dbt_environment(address, artefacts)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise DbtFailed(f"dbt {arguments[0]} failed:\n{_reason(done.stdout + done.stderr)}")
    return done.stdout


def compiled(
    address: Address, artefacts: Path, variables: Mapping[str, object], template: str, *, project: Path = PROJECT_DIR
) -> str:
    """The SQL that dbt makes of a template, with the refs and macros of the project.

    Raises:
        DbtFailed: if the template does not compile.
    """
    said = call_dbt(address, artefacts, variables, "compile", "--inline", template, "--output", "json", project=project)
    try:
        text: str = json.loads(said[said.index("{") :])["compiled"]
    except (ValueError, KeyError):
        raise DbtFailed("dbt compile answered with something that is no compiled query") from None
    return text


def _start_from_what_runs_read(artefacts: Path) -> None:
    """dbt reads the project anew where it finds no reading; that of the runs, beside this folder, mostly holds."""
    own, of_runs = artefacts / PARTIAL_PARSE_FILE_NAME, artefacts.parent / PARTIAL_PARSE_FILE_NAME
    if of_runs.exists() and not own.exists():
        shutil.copy(of_runs, own)


def _reason(said: str) -> str:
    """dbt's words without its time stamps and without empty lines."""
    lines = [line.split("  ", 1)[-1] if line[2:3] == ":" else line for line in said.splitlines()]
    return "\n".join(line for line in lines if line.strip()) or "it said nothing"
