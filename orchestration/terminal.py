"""What every command of `braid` needs: the settings, the warehouse, and errors that a person can read."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from pydantic import ValidationError
from rich.console import Console

from activation.commands.whole_console import WholeConsole
from orchestration.settings import Settings

console = WholeConsole(soft_wrap=True)  # a terminal wraps by itself; a log keeps each sentence and path whole


def load_settings() -> Settings:
    """The settings in the environment, or an error that names the variable and not its value."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            "BRAID_" + "__".join(str(part).upper() for part in problem["loc"]) + f": {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        ]
        raise fail("the environment is not right:\n  " + "\n  ".join(lines)) from None


@contextmanager
def warehouse_errors() -> Iterator[None]:
    """Turn the errors that a person can mend into one line and exit code 1."""
    from activation.sync.declared import SyncProblems
    from orchestration.dbt_manifest import ManifestError
    from orchestration.warehouse import WarehouseError

    try:
        yield
    except (WarehouseError, ManifestError) as error:
        raise fail(str(error)) from None
    except SyncProblems as error:
        raise fail(f"a sync is not declared well:\n  {error}".replace("\n", "\n  ")) from None


def fail(message: str) -> typer.Exit:
    """Print an error for a person; return the exit to raise."""
    Console(stderr=True, soft_wrap=True).print(f"[red]braid:[/] {message}", highlight=False)
    return typer.Exit(1)


def whoever_types(by: str | None) -> str:
    """Who is named in what is decided here: `--by` if given, else the user of this terminal.

    Raises:
        typer.Exit: if the name is empty, or there is none to be found.
    """
    try:
        name = (by if by is not None else getpass.getuser()).strip()
    except (OSError, KeyError):  # a container's user may have no name
        name = ""
    if not name:
        raise fail("who decides this? Give a name with --by.")
    return name
