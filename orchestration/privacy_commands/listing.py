"""`braid privacy list` and `braid privacy receipt`: what was erased, and what came of it."""

from __future__ import annotations

import dataclasses
import json
from typing import Annotated

import typer
from rich.table import Column, Table

from activation.privacy.receipts import receipt as receipt_of
from activation.privacy.receipts import receipts
from orchestration.privacy_commands.opened import opened
from orchestration.privacy_commands.shown import show_receipt
from orchestration.terminal import console

Json = Annotated[bool, typer.Option("--json", help="for machines")]


def register(group: typer.Typer) -> None:
    """Add `receipt` and `list` to `braid privacy`."""
    group.command()(receipt)
    group.command("list")(list_all)


def receipt(
    erasure_id: Annotated[str, typer.Argument(metavar="ID", help="as `braid privacy list` shows it")],
    every_table: Annotated[bool, typer.Option("--all", help="also the tables that held nothing")] = False,
    as_json: Json = False,
) -> None:
    """Show what an erasure did in each table and at each destination, and who still sends the person."""
    with opened() as (connection, _):
        found = receipt_of(connection, erasure_id)
    if as_json:
        states = [{"destination": d.destination, "rows": d.rows, "state": d.state} for d in found.destinations]
        told = dataclasses.asdict(found) | {"destinations": states}
        typer.echo(json.dumps(told, indent=2, default=str))
        return
    show_receipt(found, every_table=every_table)


def list_all() -> None:
    """Show every erasure: whether all destinations have acknowledged it, and which source still sends the person."""
    with opened() as (connection, _):
        found = receipts(connection)
    if not found:
        console.print("Nobody was erased yet.")
        return
    erasure, customer = Column("id", no_wrap=True), Column("customer", overflow="fold")
    others = ("erased", "asked for by", "destinations", "still sent by")
    table = Table(erasure, customer, *others, box=None, pad_edge=False)
    for one in found:
        states = [
            f"{state}: {', '.join(names)}"
            for state in ("pending", "forgotten")
            if (names := [d.destination for d in one.destinations if d.state == state])
        ]
        sources = dict.fromkeys(sent.source for sent in one.still_sent)
        table.add_row(
            one.erasure_id,
            one.customer_id + ("" if one.scope == "customer" else " (records)"),
            f"{one.erased_at:%Y-%m-%d %H:%M}",
            one.requested_by,
            "; ".join(states) or "done",
            ", ".join(sources),
        )
    console.print(table)
