"""`braid segments …`: each module adds its own commands by `register`."""

from __future__ import annotations

import typer

from orchestration.segment_commands import backtest


def register(app: typer.Typer) -> None:
    """Add the group `segments` to `braid`."""
    group = typer.Typer(no_args_is_help=True, help="Segments: who would have been in one on an earlier day.")
    backtest.register(group)

    @group.callback()
    def segments() -> None:
        """Keep a group of one command a group."""

    app.add_typer(group, name="segments")
