"""`braid sync …`: what goes to which tool, what would change there, what became of it; one command or two a module."""

from __future__ import annotations

import typer

from orchestration.sync_commands import forgetting, history, letters, listing, pausing, planning, running, verifying


def register(app: typer.Typer) -> None:
    """Add the group `sync` to `braid`."""
    group = typer.Typer(
        no_args_is_help=True, help="Syncs: list, plan, run, history, dead letters, verify, pause, forget."
    )
    for commands in (listing, planning, running, history, letters, verifying, pausing, forgetting):
        commands.register(group)
    app.add_typer(group, name="sync")
