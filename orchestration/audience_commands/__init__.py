"""`braid audiences …`: check, preview and build the audiences that marketers declare in `dbt_project/audiences/`."""

from __future__ import annotations

import typer

from orchestration.audience_commands import build, check, preview, traits


def register(app: typer.Typer) -> None:
    """Add the group `audiences` to `braid`."""
    group = typer.Typer(no_args_is_help=True, help="Marketers' own audiences: check, preview, build.")
    for commands in (check, preview, build, traits):
        commands.register(group)
    app.add_typer(group, name="audiences")
