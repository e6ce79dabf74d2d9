"""`braid sync history`: the past runs of a sync."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from activation.schema import require_current
from activation.sync.history import syncs
from orchestration.sync_commands.opened import AsJson, Name, connected, find
from orchestration.terminal import console, load_settings


def register(app: typer.Typer) -> None:
    """Add `history` to `braid sync`."""
    app.command(name="history")(history)


def history(
    sync: Name,
    limit: Annotated[int, typer.Option(min=1, help="how many runs, the newest first")] = 20,
    as_json: AsJson = False,
) -> None:
    """The runs that had something to do: when, what was planned, what became of it."""
    settings = load_settings()
    with connected(settings) as connection:
        require_current(connection)
        past = syncs(connection, sync, limit)
    if not past:
        find(settings, sync)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in past], indent=2, default=str))
        return
    if not past:
        console.print(f"{sync} has not had anything to send yet.", highlight=False)
        return
    table = Table(box=None, pad_edge=False)
    for column in ("run", "began", "ended", "how"):
        table.add_column(column, no_wrap=True)
    for column in ("added", "changed", "taken back", "acknowledged", "rejected", "unknown"):
        table.add_column(column, justify="right")
    for one in past:
        planned, done = one.plan, one.outcome
        figures = [
            planned.get("added", 0),
            planned.get("changed", 0),
            planned.get("removed", 0) + planned.get("withdrawn", 0),
            *(done.get(name, 0) for name in ("acknowledged", "rejected", "unknown")),
        ]
        table.add_row(
            str(one.sync_id),
            f"{one.started_at:%Y-%m-%d %H:%M:%S}",
            "" if one.finished_at is None else f"{one.finished_at:%H:%M:%S}",
            one.status + (", confirmed" if one.confirmed else ""),
            *(f"{number:,}" for number in figures),
        )
    console.print(table)
    for one in past:
        if one.problem:
            console.print(f"{one.sync_id}: {one.problem}", markup=False, highlight=False)
