"""`braid sync dead-letters` and `replay`: what a tool refused, why, and another try."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from activation.schema import require_current
from activation.sync.history import dead_letters, request_replay
from orchestration.sync_commands.opened import AsJson, Name, connected, find
from orchestration.terminal import console, fail, load_settings


def register(app: typer.Typer) -> None:
    """Add `dead-letters` and `replay` to `braid sync`."""
    app.command(name="dead-letters")(letters)
    app.command(name="replay")(replay)


def letters(sync: Name, as_json: AsJson = False) -> None:
    """The rows that the tool rejected, with its reasons. They wait until they change or are replayed."""
    settings = load_settings()
    find(settings, sync)
    with connected(settings) as connection:
        require_current(connection)
        found = dead_letters(connection, sync)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], indent=2, default=str, ensure_ascii=False))
        return
    if not found:
        console.print(f"{sync} has no dead letters.", highlight=False)
        return
    table = Table(box=None, pad_edge=False)
    for column in ("key", "change", "tries", "since", "reason"):
        table.add_column(column, overflow="fold")
    for one in found[:100]:
        replayed = ", replay asked for" if one.replay_requested else ""
        table.add_row(
            one.key, one.change, str(one.attempts), f"{one.first_rejected_at:%Y-%m-%d %H:%M}", one.reason + replayed
        )
    console.print(table)
    if len(found) > 100:
        console.print(f"… and {len(found) - 100:,} more; --json shows them all.", highlight=False)
    for reason, number in Counter(one.reason for one in found).most_common(5):
        console.print(f"{number:>7,}  {reason}", markup=False, highlight=False)


def replay(
    sync: Name,
    key: Annotated[list[str] | None, typer.Option(help="only this row; may be given several times")] = None,
) -> None:
    """Let the next run try dead letters again, all of them or those of the keys given."""
    settings = load_settings()
    find(settings, sync)
    with connected(settings) as connection:
        require_current(connection)
        number = request_replay(connection, sync, key)
    if key and number < len(set(key)):
        raise fail(
            f"{number} of {len(set(key))} keys are dead letters of {sync} and will be tried again; look at "
            f"`braid sync dead-letters {sync}` for the others"
        )
    console.print(f"{number:,} dead letters of {sync} are tried again by the next run.", highlight=False)
