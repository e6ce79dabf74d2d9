"""`braid privacy withhold`: the check of new loads by itself, for who runs dbt without `braid run`."""

from __future__ import annotations

import typer

from orchestration.erased_people import withhold_erased
from orchestration.privacy_commands.opened import held, opened
from orchestration.terminal import console


def register(group: typer.Typer) -> None:
    """Add `withhold` to `braid privacy`."""
    group.command()(withhold)


def withhold() -> None:
    """Take out of raw what new loads brought of erased people; `braid run` does it itself, and dbt alone does not."""
    with opened() as (_, settings), held(settings) as warehouse:
        found = withhold_erased(settings, warehouse)
    for (stream, reason), rows in sorted(found.rows.items()):
        console.print(f"{stream}: {rows:,} rows held back, {reason}", highlight=False)
    if not found.total:
        console.print("No new load brought anybody back.")
