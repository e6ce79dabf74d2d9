"""`braid suppress import`: a suppression file, as a tool exports it or a lawyer sends it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from activation.consent.suppression_file import COLUMNS, Defaults, import_file, quarantine_of
from activation.consent.suppressions import Reason, SuppressionError
from orchestration.suppression_commands.asked import By, Channel, Purpose, Why, connected
from orchestration.terminal import console, whoever_types


def register(group: typer.Typer) -> None:
    """Add `import` to `braid suppress`."""
    group.command("import")(import_)


def import_(
    file: Annotated[
        Path, typer.Argument(help=f"CSV with a header of {', '.join(COLUMNS)}", exists=True, dir_okay=False)
    ],
    channel: Channel = None,
    purpose: Purpose = None,
    reason: Why = Reason.COMPANY,
    by: By = None,
) -> None:
    """Suppress everybody in a CSV file; options say what a line that does not say so means. Safe to repeat."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with connected() as (connection, settings):
        try:
            with file.open("rb") as lines:
                total = max(sum(1 for _ in lines) - 1, 0)
        except OSError as error:
            raise SuppressionError(f"{file.name} cannot be read: {error.strerror}") from None
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task("lines", total=total)
            report = import_file(
                connection,
                file,
                whoever_types(by),
                settings.default_region,
                Defaults(channel, purpose, reason),
                lambda read: progress.advance(task, read),
            )
    console.print(
        f"{report.lines:,} lines: {report.added:,} suppressed, {report.known:,} were already, "
        f"{report.quarantined:,} could not be read.",
        highlight=False,
    )
    if report.quarantined:
        where = quarantine_of(file)
        console.print(f"Those are in {where}, each with its reason: correct them and import that file.", markup=False)
        raise typer.Exit(2)
