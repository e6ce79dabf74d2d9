"""What a run left behind, as a person wants to read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from identity.evaluation import evaluate
from orchestration.identity_store import IdentityStore
from orchestration.settings import Settings
from orchestration.sources import files as file_source
from orchestration.warehouse import Warehouse

_COUNTS = {
    "identity": ("identity_records", "record_customers", "edges"),
    "golden": ("customers", "golden_attributes", "contact_points"),
    "marts": ("interactions", "orders", "customer_metrics"),
    "segments": ("segment_memberships", "customer_personas"),
    "activation": ("profiles", "timeline", "segment_members"),
}


def print_summary(settings: Settings, console: Console, *, truth: Path | None = None) -> None:
    """Print rows per stage, accuracy where a truth is known, segments, personas and deliveries.

    Args:
        settings: where the warehouse is.
        console: where to print.
        truth: Parquet of `record_id, person_id` that the pipeline never saw.

    Raises:
        WarehouseError: if the warehouse cannot be reached.
    """
    warehouse = Warehouse.open(settings)
    if not warehouse.has_table("golden", "customers"):
        console.print("Nothing has been built yet: run [bold]braid run[/] or [bold]make demo[/].")
        return
    _print_sources(warehouse, console)
    _print_stages(warehouse, console)
    _print_accuracy(warehouse, console, settings, truth)
    _print_segments(warehouse, console)
    _print_deliveries(warehouse, console)


def _rows(warehouse: Warehouse, query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = warehouse.read(query).to_pylist()
    return rows


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for position, column in enumerate(columns):
        table.add_column(column, justify="left" if position == 0 else "right")
    return table


def _print_sources(warehouse: Warehouse, console: Console) -> None:
    table = _table("\nRaw to staging", "source", "raw", "staged", "quarantined")
    for row in _rows(
        warehouse,
        """
        select source, sum(raw_rows)::bigint as raw, sum(staged_rows)::bigint as staged,
            sum(quarantined_rows)::bigint as quarantined
        from staging.stream_counts group by source having sum(raw_rows) > 0 order by source
        """,
    ):
        table.add_row(row["source"], *(f"{row[name]:,}" for name in ("raw", "staged", "quarantined")))
    console.print(table)


def _print_stages(warehouse: Warehouse, console: Console) -> None:
    table = _table("\nRows per stage", "stage", "table", "rows")
    for schema, names in _COUNTS.items():
        for name in names:
            if warehouse.has_table(schema, name):
                rows = _rows(warehouse, f"select count(*) as n from {schema}.{name}")[0]["n"]
                table.add_row(schema, name, f"{rows:,}")
    console.print(table)
    counts = _rows(
        warehouse,
        "select count(*) as records, count(distinct customer_id) as customers from identity.record_customers",
    )[0]
    console.print(f"\n[bold]{counts['records']:,} source records → {counts['customers']:,} customers[/]")
    plan = IdentityStore(warehouse).plans.latest()
    if plan is not None and plan.state == "proposed":
        console.print(f"{plan.plan_id} waits for `braid identity apply`: {plan.summary['changes']:,} changes.")
    elif plan is not None and plan.summary["changes_held"]:
        console.print(
            f"{plan.summary['changes_held']:,} changes of customers are held: `braid identity plan` says why."
        )


def _print_accuracy(warehouse: Warehouse, console: Console, settings: Settings, truth: Path | None) -> None:
    if truth is not None:
        known = pq.read_table(truth, columns=["record_id", "person_id"])
    elif settings.files is not None:
        known = file_source.truth(settings.files)
    else:
        return
    if len(known) == 0:
        return
    assigned = warehouse.read("select record_id, customer_id from identity.record_customers")
    score = evaluate(assigned, known)
    console.print(
        f"Against the truth, pairwise: precision [bold]{score.precision:.4f}[/], recall [bold]{score.recall:.4f}[/], "
        f"F1 [bold]{score.f1:.4f}[/]"
    )


def _print_segments(warehouse: Warehouse, console: Console) -> None:
    table = _table("\nSegments", "segment", "purpose", "customers")
    for row in _rows(warehouse, "select segment, purpose, size from segments.segment_catalogue order by segment"):
        table.add_row(row["segment"], row["purpose"], f"{row['size']:,}")
    console.print(table)
    table = _table("\nPersonas", "persona", "customers")
    for row in _rows(
        warehouse,
        "select persona, count(*) as n from segments.customer_personas group by persona order by n desc, persona",
    ):
        table.add_row(row["persona"], f"{row['n']:,}")
    console.print(table)


def _print_deliveries(warehouse: Warehouse, console: Console) -> None:
    table = _table("\nDestinations", "destination", "acknowledged", "in doubt", "dead letters")
    for row in _rows(
        warehouse,
        """
        select
            destination,
            count(*) filter (where payload_hash is not null and not in_doubt) as acknowledged,
            count(*) filter (where in_doubt) as in_doubt,
            (select count(*) from activation.dead_letters as l where l.destination = d.destination) as dead
        from activation.deliveries as d
        group by destination
        order by destination
        """,
    ):
        table.add_row(row["destination"], *(f"{row[name]:,}" for name in ("acknowledged", "in_doubt", "dead")))
    console.print(table)
