"""`braid personas …`: list them, propose others from the data, keep what a person has named."""

from __future__ import annotations

import typer

from orchestration.persona_commands import keep, listing, propose


def register(app: typer.Typer) -> None:
    """Add the group `personas` to `braid`."""
    group = typer.Typer(no_args_is_help=True, help="The kinds of customer: list, propose, keep.")
    for commands in (listing, propose, keep):
        commands.register(group)
    app.add_typer(group, name="personas")
