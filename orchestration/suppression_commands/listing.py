"""`braid suppress list`: who is on the list, as far as the list knows."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from activation.consent.suppressions import listed
from orchestration.suppression_commands.asked import EVERYTHING, Address, Customer, connected, day
from orchestration.suppression_commands.asked import whom as asked_for
from orchestration.terminal import console


def register(group: typer.Typer) -> None:
    """Add `list` to `braid suppress`."""
    group.command("list")(list_)


def list_(
    customer: Customer = None,
    address: Address = None,
    ended: Annotated[bool, typer.Option("--ended", help="also what is over or was lifted")] = False,
    limit: Annotated[int, typer.Option(min=1, help="the newest so many")] = 100,
) -> None:
    """Show suppressions, the newest first; with --customer or --address those of one."""
    with connected() as (connection, settings):
        one = None if customer is None and address is None else asked_for(settings, customer, address)
        found = listed(connection, whom=one, ended=ended, limit=limit)
    if not found:
        nobody = "nobody is suppressed" if one is None else "nothing suppresses them"
        console.print(f"{nobody}; `braid suppress add` does.", highlight=False)
        return
    table = Table("id", "whom", "channel", "purpose", "reason", "by", "since", "until", "lifted")
    for column in table.columns:
        column.overflow = "fold"  # on a narrow terminal nothing is cut off
    for row in found:
        lifted = f"{day(row.lifted_at)} by {row.lifted_by}" if row.lifted_at else ""
        table.add_row(
            str(row.suppression_id),
            row.customer_id or {"email": "an e-mail address"}.get(str(row.kind), "a phone number"),
            row.channel or EVERYTHING,
            row.purpose or EVERYTHING,
            row.reason,
            row.added_by,
            day(row.since),
            day(row.until),
            lifted,
        )
    console.print(table)
