"""`braid segments list`: every segment with its size, its reach and how it changed."""

from __future__ import annotations

import json
from typing import Annotated, Final

import typer
from rich.table import Table

from orchestration.segment_commands.lookup import check_built, rows, say
from orchestration.terminal import console, load_settings, warehouse_errors
from orchestration.warehouse import Warehouse

_LIST: Final = """
    with days as (
        select distinct measured_on from segments.segment_sizes order by measured_on desc limit 2
    ),
    earlier as (
        select segment, size from segments.segment_sizes
        where measured_on = (select min(measured_on) from days) and (select count(*) from days) = 2
    )
    select
        catalogue.segment, catalogue.label, catalogue.purpose, catalogue.size,
        catalogue.size - earlier.size as change, (select min(measured_on)::text from days) as since,
        reach.email, reach.sms, reach.phone, reach.whatsapp, reach.advertising, reach.held_back
    from segments.segment_catalogue as catalogue
    left join earlier on catalogue.segment = earlier.segment
    inner join (
        select
            segment,
            max(reachable_count) filter (where channel = 'email') as email,
            max(reachable_count) filter (where channel = 'sms') as sms,
            max(reachable_count) filter (where channel = 'phone') as phone,
            max(reachable_count) filter (where channel = 'whatsapp') as whatsapp,
            max(reachable_count) filter (where channel = 'advertising') as advertising,
            max(held_back_count) as held_back
        from segments.segment_reach
        group by segment
    ) as reach on catalogue.segment = reach.segment
    order by catalogue.purpose, catalogue.segment
"""


def register(app: typer.Typer) -> None:
    """Add `list` to `braid segments`."""
    app.command(name="list")(listing)


def listing(as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False) -> None:
    """Every segment: how many are in it, the change since the day before, and whom each channel reaches."""
    with warehouse_errors():
        warehouse = Warehouse.open(load_settings())
        check_built(warehouse)
        found = rows(warehouse, _LIST)
    if as_json:
        say(json.dumps(found, indent=2, ensure_ascii=False))
        return
    since = next((row["since"] for row in found if row["change"] is not None), None)
    table = Table(box=None, pad_edge=False)
    # On a narrow terminal names fold, so that no figure is cut off.
    for name in ("segment", "purpose"):
        table.add_column(name, overflow="fold")
    for name in ("size", f"since {since}" if since else "change", "e-mail", "SMS", "calls", "WhatsApp", "ads", "held"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in found:
        numbers = [row[name] for name in ("email", "sms", "phone", "whatsapp", "advertising", "held_back")]
        change = "" if row["change"] is None else f"{row['change']:+,}"
        table.add_row(row["segment"], row["purpose"], f"{row['size']:,}", change, *(f"{n:,}" for n in numbers))
    console.print(table)
    console.print(
        "By channel: reachable after consent, contact point and link strength. held: left out while they wait for "
        "support. `braid segments why CUSTOMER SEGMENT` explains one."
    )
