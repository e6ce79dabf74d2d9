"""`braid segments …`: each module adds its own commands by `register`."""

from __future__ import annotations

import typer

from orchestration.segment_commands import backtest, history, listing, overlaps, why


def register(app: typer.Typer) -> None:
    """Add the group `segments` to `braid`."""
    group = typer.Typer(no_args_is_help=True, help="Segments: sizes and reach, why, overlaps, history, backtest.")
    for commands in (listing, why, overlaps, history, backtest):
        commands.register(group)
    app.add_typer(group, name="segments")
