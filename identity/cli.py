"""`braid identity`: who is who, from the command line."""

from __future__ import annotations

import typer

from identity.commands import dedupe

app = typer.Typer(no_args_is_help=True, help="Who is who: group records of people into customers and say why.")
dedupe.register(app)


@app.callback()
def _identity() -> None:
    """Keep `dedupe` a subcommand: more will stand beside it."""
