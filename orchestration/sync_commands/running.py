"""`braid sync run`: one sync, now."""

from __future__ import annotations

from typing import Annotated

import typer

from activation.sync.engine import SyncHeldBack, SyncReport, run_sync
from orchestration.sync_commands.opened import Name, find, reached
from orchestration.terminal import console, fail, load_settings


def register(app: typer.Typer) -> None:
    """Add `run` to `braid sync`."""
    app.command(name="run")(run)


def run(
    sync: Name,
    confirm: Annotated[bool, typer.Option("--confirm", help="send also what a cap holds back")] = False,
) -> None:
    """Send what differs, of what was published last. Ends with 1 when a cap holds it back or the tool is not reached.

    Killed and run again, it goes on where it was.
    """
    settings = load_settings()
    declared = find(settings, sync)
    with reached(settings, declared) as (connection, receiver):
        try:
            report = run_sync(connection, declared.block, receiver, rules=settings.gate_rules, confirmed=confirm)
        except SyncHeldBack as error:
            for line in told(error.report):
                console.print(line, markup=False, highlight=False)
            raise fail(str(error)) from None
    for line in told(report):
        console.print(line, markup=False, highlight=False)


def told(report: SyncReport) -> list[str]:
    """A report in lines for a person."""
    plan = report.plan
    if not plan.to_send:
        return [f"{plan.destination}: nothing to send; {plan.unchanged:,} rows are as they should be."]
    lines = [f"{plan.destination}: {report.sent:,} rows sent, {report.acknowledged - report.confirmed:,} acknowledged."]
    if report.confirmed:
        lines.append(
            f"  {report.confirmed:,} rows of an earlier run were found at the tool already, and not sent again."
        )
    if report.rejected:
        lines.append(f"  {report.rejected:,} rows were rejected: braid sync dead-letters {plan.destination}")
    if report.unknown:
        lines.append(f"  {report.unknown:,} rows were not answered; the next run looks after them.")
    return lines
