"""The serve half of dbt on a big retailer: a full build, nothing new, twice a hundredth more of everything, a day on.

`make bench-serve` runs it with 58,000 people: over 200,000 source records and over two million touchpoints of two
years. The vendors' rows go straight into staging's base tables (ingestion and staging are not what is measured here);
identity runs for real, before each timed build. The hundredths that come later are the last days of the retailer: new
people, new orders, new messages, and identity's answer to them; a build that is over soon is timed twice, for machines
are noisy, and the mean counts. The clock stands until then; "a day later" is what it costs that it moved, with nothing
new: days since something are others for everybody.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import sysconfig
import time
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import mean
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.scratch_warehouse import scratch_warehouse
from benchmarks.serve_build.retailer import VARIABLES, end_of, identify, late_moment, load, stage
from orchestration.dbt_environment import dbt_environment
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse
from sandbox.generator import generate

MOST_SECONDS, MOST_SHARE = 300, 0.2
_PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
_DBT = Path(sysconfig.get_path("scripts")) / "braid-dbt"  # what a run of Braid calls


class Serving:
    """dbt on one warehouse, in processes of its own."""

    def __init__(self, warehouse: Warehouse, folder: Path, as_of: datetime) -> None:
        """Keep dbt's artefacts below `folder`; `as_of` is what "now" means, until it is set anew."""
        self._environment = {**os.environ, **dbt_environment(warehouse.address, folder)}
        self._folder = folder
        self.as_of = as_of

    def dbt(self, *arguments: str) -> float:
        """Run one dbt command; seconds that it took, start-up included.

        Raises:
            SystemExit: if it fails, with the end of what it said.
        """
        command, project = [str(_DBT), "--no-use-colors"], str(_PROJECT)
        variables = json.dumps({**VARIABLES, "as_of": self.as_of.isoformat()})
        started = time.perf_counter()
        done = subprocess.run(
            [*command, *arguments, "--project-dir", project, "--profiles-dir", project, "--vars", variables],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"dbt {arguments[0]} failed:\n{done.stdout[-4000:]}{done.stderr[-2000:]}")
        return time.perf_counter() - started

    def slowest(self, count: int) -> list[tuple[str, float]]:
        """The nodes of the last command that took most, with their seconds."""
        results: list[dict[str, Any]] = json.loads((self._folder / "run_results.json").read_text())["results"]
        took = sorted(
            ((r["unique_id"].partition(".")[2], r["execution_time"]) for r in results), key=lambda one: -one[1]
        )
        return took[:count]


def main() -> int:
    """Build, build again, and print the figures beside their bounds; 1 when one is not met."""
    parser = argparse.ArgumentParser(prog="benchmarks.serve_build", description=__doc__)
    parser.add_argument("--people", type=int, default=58_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--more", type=float, default=0.01, help="share of the touchpoints that come later")
    parser.add_argument("--times", type=int, default=2, help="how many times as much comes later")
    parser.add_argument("--slowest", type=int, default=8, help="how many of the slowest nodes to show")
    arguments = parser.parse_args()
    console = Console(width=110)
    with scratch_warehouse("serve") as (warehouse, settings, folder):
        return _measure(console, warehouse, settings, folder / "dbt", arguments)


def _measure(
    console: Console, warehouse: Warehouse, settings: Settings, folder: Path, arguments: argparse.Namespace
) -> int:
    world = generate(arguments.people, seed=arguments.seed)
    load(warehouse, world)
    shares = [arguments.more * still for still in range(arguments.times, 0, -1)]
    moments = [*(late_moment(world, share) for share in shares), end_of(world)]
    serving = Serving(warehouse, folder, world.as_of)
    console.print("[dim]staging, then identity, for the first build …[/]")
    serving.dbt("build", "--selector", "prepare")
    stage(warehouse, None, moments[0])
    _prepare(serving, warehouse, settings, "first")
    full = serving.dbt("build", "--selector", "serve")
    first, slowest_full = _counts(warehouse), serving.slowest(arguments.slowest)
    again = serving.dbt("build", "--selector", "serve")
    rebuilds = []
    for since, until in pairwise(moments):
        console.print(f"[dim]what came until {until:%d %B}, and identity again …[/]")
        stage(warehouse, since, until)
        _prepare(serving, warehouse, settings, f"until {until:%Y-%m-%d %H:%M:%S.%f}")
        rebuilds.append(serving.dbt("build", "--selector", "serve"))
    more = mean(rebuilds)
    second, slowest_more = _counts(warehouse), serving.slowest(arguments.slowest)
    serving.as_of += timedelta(days=1)
    later = serving.dbt("build", "--selector", "serve")
    anew = serving.dbt("build", "--selector", "serve", "--full-refresh")
    for title, slowest in (("the full build", slowest_full), ("the build after more", slowest_more)):
        table = Table("node", "seconds", title=f"Slowest of {title}", title_justify="left")
        for node, seconds in slowest:
            table.add_row(node, f"{seconds:.1f}")
        console.print(table)
    console.print(
        f"{first['records']:,} source records, {first['interactions']:,} interactions, "
        f"{first['customers']:,} customers; "
        f"then {second['records'] - first['records']:,} records and "
        f"{second['interactions'] - first['interactions']:,} interactions more, in {len(rebuilds)} parts"
    )
    bounds = Table("figure", "seen", "bound", "", title="Against the bounds", title_justify="left")
    figures = (
        ("seconds, full build", full, MOST_SECONDS),
        ("seconds, full build of everything at the end", anew, MOST_SECONDS),
        (f"seconds after {arguments.more:.0%} more, of the full build's", more / full, MOST_SHARE),
        ("seconds with nothing new, of the full build's", again / full, MOST_SHARE),
    )
    for words, seen, bound in figures:
        bounds.add_row(words, f"{seen:.2f}", f"{bound}", "met" if seen <= bound else "NOT MET")
    console.print(bounds)
    console.print(
        f"seconds: full {full:.1f}, nothing new {again:.1f}, "
        f"after more {' and '.join(f'{seconds:.1f}' for seconds in rebuilds)}, "
        f"a day later {later:.1f} ({later / full:.2f} of the full build's), all anew {anew:.1f}"
    )
    return int(any(seen > bound for _, seen, bound in figures))


def _prepare(serving: Serving, warehouse: Warehouse, settings: Settings, run_id: str) -> None:
    # What was staged by hand stays: dbt makes what lies between the base tables and identity.
    serving.dbt(
        "run", "--select", "models/staging", "models/identity", "--exclude", "base_*", "stream_counts", "quarantine"
    )
    identify(warehouse, settings, run_id)


def _counts(warehouse: Warehouse) -> dict[str, int]:
    with warehouse.connect() as connection:
        row = connection.execute(
            "select (select count(*) from identity.record_customers), (select count(*) from marts.interactions), "
            "(select count(*) from golden.customers)"
        ).fetchone()
    assert row is not None
    return dict(zip(("records", "interactions", "customers"), row, strict=True))


if __name__ == "__main__":
    sys.exit(main())
