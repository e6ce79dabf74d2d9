"""`braid sync verify`: what the tool holds, beside what it acknowledged."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.progress import Progress

from activation.sync.verification import verify as read_back
from orchestration.sync_commands.opened import Name, find, reached
from orchestration.terminal import console, fail, load_settings


def register(app: typer.Typer) -> None:
    """Add `verify` to `braid sync`."""
    app.command(name="verify")(verify)


def verify(
    sync: Name,
    repair: Annotated[bool, typer.Option("--repair", help="let the next run put right what differs")] = False,
    keys: Annotated[bool, typer.Option("--keys", help="name the keys of the rows that differ")] = False,
) -> None:
    """Read back every row that the tool acknowledged. Ends with 1 when it holds any otherwise."""
    settings = load_settings()
    declared = find(settings, sync)
    with (
        reached(settings, declared) as (connection, receiver),
        Progress(console=console, transient=True) as progress,
    ):
        task = progress.add_task(f"asking {receiver.name}", total=None)
        found = read_back(
            connection,
            declared.block,
            receiver,
            rules=settings.gate_rules,
            repair=repair,
            progress=lambda number: progress.advance(task, number),
        )
    console.print(f"{sync}: {found.agreeing:,} rows are held as they were acknowledged.", highlight=False)
    if found.plan.to_send:
        console.print(f"{found.plan.to_send:,} rows wait for the next run and were not read.", highlight=False)
    if not found.differing:
        return
    for key in found.differing if keys else ():
        console.print(f"  {key}", markup=False, highlight=False)
    after = "the next run puts them right" if repair else "`--repair` lets the next run put them right"
    raise fail(f"{len(found.differing):,} rows were changed or removed at the tool; {after}.")
