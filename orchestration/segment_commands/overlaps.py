"""`braid segments overlaps`: which segments share their members."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from orchestration.segment_commands.lookup import check_built, rows, say, segment_meant
from orchestration.terminal import console, fail, load_settings, warehouse_errors
from orchestration.warehouse import Warehouse


def register(app: typer.Typer) -> None:
    """Add `overlaps` to `braid segments`."""
    app.command()(overlaps)


def overlaps(
    segment: Annotated[str | None, typer.Argument(help="the segment; every pair when left out")] = None,
    other: Annotated[str | None, typer.Argument(help="another one, to compare just the two")] = None,
    limit: Annotated[int, typer.Option(min=1, help="how many pairs to show")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False,
) -> None:
    """How many customers two segments share, the pairs that share most first."""
    with warehouse_errors():
        warehouse = Warehouse.open(load_settings())
        check_built(warehouse)
        for name in (segment, other):
            if name is not None:
                segment_meant(warehouse, name)
        if segment is not None and segment == other:
            raise fail("a segment shares everybody with itself; give two different ones.")
        found = rows(
            warehouse,
            """
            select
                segment, other_segment, both_count, only_count, only_other_count,
                cast(jaccard as double precision) as jaccard
            from segments.segment_overlaps
            where
                case when $1::text is null then segment < other_segment else segment = $1 end
                and ($2::text is null or other_segment = $2)
            order by jaccard desc nulls last, both_count desc, segment, other_segment
            limit $3::bigint
            """,
            (segment, other, limit),
        )
    if as_json:
        say(json.dumps(found, indent=2, ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False)
    # On a narrow terminal names fold, so that no figure is cut off.
    for name in ("segment", "other"):
        table.add_column(name, overflow="fold")
    for name in ("in both", "only the first", "only the other", "shared"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in found:
        shared = "nobody in either" if row["jaccard"] is None else f"{row['jaccard']:.1%}"
        counts = (row["both_count"], row["only_count"], row["only_other_count"])
        table.add_row(row["segment"], row["other_segment"], *(f"{n:,}" for n in counts), shared)
    console.print(table)
    console.print("shared: customers in both, as a share of those in any of the two.")
