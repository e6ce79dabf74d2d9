"""A million profiles on two cores: lookups at 300 a second, then as many as the API answers, beside pgbench.

`make bench-api` runs it. Load generator, API and PostgreSQL share the machine. The profiles are a real publication of
the sandbox retailer, copied under other ids and identifiers; the lookups are by e-mail, phone, record and customer id
of people drawn evenly from all, so that what is read is seldom what was read before.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from activation.access.keys import create_key
from activation.access.scopes import Scope
from benchmarks.api_load.load import Answers, saturating, steady
from benchmarks.api_load.pgbench import single_row_selects
from benchmarks.api_load.profiles import multiply, publish_sandbox
from benchmarks.api_load.questions import questions
from benchmarks.api_load.server import serving
from benchmarks.scratch_warehouse import scratch_warehouse
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse

MOST_P95, MOST_P99 = 20.0, 50.0
_CLIENTS = 16


def main() -> int:
    """Publish, multiply, ask, and print the figures beside their bounds; 1 when a bound is not met."""
    parser = argparse.ArgumentParser(prog="benchmarks.api_load", description=__doc__)
    parser.add_argument("--profiles", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=2_000, help="of the sandbox whose profiles are copied")
    parser.add_argument("--rate", type=float, default=300, help="lookups a second")
    parser.add_argument("--seconds", type=float, default=60, help="of each measurement")
    parser.add_argument("--workers", type=int, default=2, help="processes of the API")
    parser.add_argument("--home", type=Path, help="keep the warehouse here, and use it again when it is there")
    arguments = parser.parse_args()
    console = Console(width=110)
    with scratch_warehouse("api", arguments.home) as (warehouse, settings, folder):
        return _measure(console, warehouse, settings, folder, arguments)


def _measure(
    console: Console, warehouse: Warehouse, settings: Settings, folder: Path, arguments: argparse.Namespace
) -> int:
    count = _published(warehouse)
    if count < arguments.profiles:
        console.print("[dim]publishing a sandbox, then copying its profiles …[/]")
        publish_sandbox(warehouse, settings, folder / "dbt", arguments.people, seed=7)
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("profiles", total=arguments.profiles)
            count = multiply(warehouse, arguments.profiles, lambda done: progress.update(task, completed=done))
    with closing(warehouse.connect()) as connection:
        # No limit of its own: what is measured is the API, not its manners.
        key = create_key(connection, "bench", frozenset({Scope.SUPPORT}), rate_limit=10_000_000).key
    paths = questions(warehouse, min(200_000, count), count)
    ids = [path.partition("customer_id=")[2] for path in paths if "?customer_id=" in path]
    with serving(settings, arguments.workers) as url:
        console.print("[dim]warming up …[/]")
        steady(url, key, paths, arguments.rate, 10, seed=1)
        console.print(f"[dim]{arguments.rate:g} lookups a second for {arguments.seconds:g} s …[/]")
        at_rate = steady(url, key, paths, arguments.rate, arguments.seconds)
        console.print(f"[dim]{_CLIENTS} callers as fast as they can …[/]")
        most = saturating(url, key, paths, _CLIENTS, arguments.seconds / 3)
    selects = single_row_selects(warehouse, ids, _CLIENTS, int(arguments.seconds / 3))
    return _print(console, count, at_rate, most, selects)


def _published(warehouse: Warehouse) -> int:
    with warehouse.connect() as connection:
        there = connection.execute("select to_regclass('activation.profiles') is not null").fetchone()
        if there is None or not there[0]:
            return 0
        row = connection.execute("select count(*) from activation.profiles").fetchone()
        return 0 if row is None else int(row[0])


def _print(console: Console, count: int, at_rate: Answers, most: Answers, selects: float) -> int:
    p95, p99 = at_rate.percentile(0.95), at_rate.percentile(0.99)
    table = Table("figure", "seen", "bound", "", title=f"{count:,} profiles", title_justify="left")
    for words, seen, bound in (("p95, ms", p95, MOST_P95), ("p99, ms", p99, MOST_P99)):
        table.add_row(words, f"{seen:.1f}", f"{bound:g}", "met" if seen <= bound else "NOT MET")
    console.print(table)
    console.print(
        f"at {at_rate.per_second:.0f} lookups a second: p50 {at_rate.percentile(0.5):.1f} ms, p95 {p95:.1f} ms, "
        f"p99 {p99:.1f} ms, slowest {at_rate.percentile(1):.0f} ms; answers {at_rate.statuses}"
    )
    console.print(
        f"at saturation: {most.per_second:.0f} lookups a second (p50 {most.percentile(0.5):.1f} ms), pgbench "
        f"{selects:.0f} single-row selects a second: ratio {most.per_second / selects:.3f}; answers {most.statuses}"
    )
    failed = set(at_rate.statuses) | set(most.statuses) != {"200"}
    return int(p95 > MOST_P95 or p99 > MOST_P99 or failed)


if __name__ == "__main__":
    sys.exit(main())
