"""`braid privacy …`: what is held of a person, erasing it, and proof of that."""

from __future__ import annotations

import typer

from orchestration.privacy_commands import allow, erase, export, listing, withhold


def register(app: typer.Typer) -> None:
    """Add the group `privacy` to `braid`."""
    group = typer.Typer(no_args_is_help=True, help="What is held of a person: show it, erase it, prove it.")
    for commands in (export, erase, listing, allow, withhold):
        commands.register(group)
    app.add_typer(group, name="privacy")
