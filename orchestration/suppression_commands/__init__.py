"""`braid suppress …`: who is not to be contacted whatever was agreed."""

from __future__ import annotations

import typer

from orchestration.suppression_commands import add, bring, listing, remove


def register(app: typer.Typer) -> None:
    """Add the group `suppress` to `braid`."""
    group = typer.Typer(no_args_is_help=True, help="Who is not to be contacted, whatever was agreed.")
    for commands in (add, bring, listing, remove):
        commands.register(group)
    app.add_typer(group, name="suppress")
