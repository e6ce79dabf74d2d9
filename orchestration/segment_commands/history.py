"""`braid segments history`: who entered and left, when, and because of what."""

from __future__ import annotations

import json
from typing import Annotated, Final

import typer
from rich.table import Table

from orchestration.segment_commands.lookup import check_built, customer_meant, merged_into, rows, say, segment_meant
from orchestration.terminal import console, fail, load_settings, warehouse_errors
from orchestration.warehouse import Warehouse

_WORDS: Final = (
    "data: what they did or told; rule: the segment is defined otherwise; identity: other records are theirs."
)
_OF_CUSTOMER: Final = """
    select
        segment, entered_at::text as entered_at, entered_because, left_at::text as left_at, left_because
    from segments.segment_membership_history
    where customer_id = $1 and ($2::text is null or segment = $2)
    order by entered_at desc, segment
    limit $3::bigint
"""
_OF_SEGMENT: Final = """
    select
        moved_at::text as moved_at,
        count(*) filter (where direction = 'in') as entered,
        count(*) filter (where direction = 'out') as left,
        count(*) filter (where because = 'data') as by_data,
        count(*) filter (where because = 'rule') as by_rule,
        count(*) filter (where because = 'identity') as by_identity
    from segments.segment_membership_history as history
    cross join lateral (
        values ('in', entered_at, entered_because), ('out', left_at, left_because)
    ) as moves (direction, moved_at, because)
    where history.segment = $1 and moved_at is not null
    group by moved_at
    order by moves.moved_at desc
    limit $2::bigint
"""


def register(app: typer.Typer) -> None:
    """Add `history` to `braid segments`."""
    app.command()(history)


def history(
    segment: Annotated[str | None, typer.Argument(help="the segment, such as vip")] = None,
    customer: Annotated[str | None, typer.Option(help="one customer: since when in what")] = None,
    limit: Annotated[int, typer.Option(min=1, help="how many lines to show, the latest first")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False,
) -> None:
    """How many entered and left a segment run by run, and why; or the segments of one customer over time."""
    if segment is None and customer is None:
        raise fail("give a segment, --customer, or both.")
    with warehouse_errors():
        warehouse = Warehouse.open(load_settings())
        check_built(warehouse)
        if segment is not None and not rows(
            warehouse,
            "select 1 as found from segments.segment_membership_history where segment = $1 limit 1",
            (segment,),
        ):
            segment_meant(warehouse, segment)  # one that is gone has a past, but no line in the catalogue
        if customer is not None:
            found = rows(warehouse, _OF_CUSTOMER, (_with_a_past(warehouse, customer), segment, limit))
        else:
            found = rows(warehouse, _OF_SEGMENT, (segment, limit))
    if as_json:
        say(json.dumps(found, indent=2, ensure_ascii=False))
        return
    if not found:
        console.print("Nothing yet: nobody has entered since the history began.")
        return
    table = Table(box=None, pad_edge=False)
    for name in found[0]:
        table.add_column(name.replace("_", " "), no_wrap=True, justify="right" if customer is None else "left")
    for row in found:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    console.print(table)
    console.print(_WORDS)


def _with_a_past(warehouse: Warehouse, customer: str) -> str:
    """The id itself when the history knows it, merged away or not; else the customer that it stands for.

    The history of one that was merged away ends with the merge, and says where it goes on.
    """
    known = "select 1 as found from segments.segment_membership_history where customer_id = $1 limit 1"
    if not rows(warehouse, known, (customer,)):
        return customer_meant(warehouse, customer)
    if successor := merged_into(warehouse, customer):
        typer.echo(f"customer {customer} was merged into {successor}; until then:", err=True)
    return customer
