"""Identity at scale: a full run, ten thousand records more, and Splink alone on the same rows, each in its own process.

`make bench-identity` runs it with a million records of the sandbox retailer. What Braid's time holds: standardise,
block, train, score, cluster, give ids, plan, and write everything to PostgreSQL. What Splink's holds: train, predict,
cluster.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from identity.evaluation import Quality, evaluate
from sandbox.generator import generate
from sandbox.records import identity_records, truth

RECORDS_PER_PERSON = 3.31
MOST_SECONDS, MOST_GIB, MOST_TIMES_SPLINK, MOST_GROWTH, MOST_SECONDS_FOR_MORE = 90, 6, 6, 12, 5
_ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run all of it and print the figures beside their bounds."""
    parser = argparse.ArgumentParser(prog="benchmarks.identity_scale", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000, help="about how many source records")
    parser.add_argument("--more", type=int, default=10_000, help="records that come later")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    console = Console(width=130)
    with tempfile.TemporaryDirectory(prefix="braid-scale-") as name:
        folder = Path(name)
        small = _full(console, folder / "small", arguments.records // 10, arguments.seed)
        large = _full(console, folder / "large", arguments.records, arguments.seed)
        splink = _child("splink_alone", folder / "large")
        more = _child("more_records", folder / "large", str(arguments.more))
        quality = _quality(folder / "large", "splink.parquet")
        _print(console, small, large, splink, more, quality)
    return 0


def _full(console: Console, folder: Path, records: int, seed: int) -> dict[str, Any]:
    folder.mkdir()
    world = generate(int(records / RECORDS_PER_PERSON), seed=seed)
    pq.write_table(identity_records(world), folder / "records.parquet")
    pq.write_table(truth(world), folder / "truth.parquet")
    del world
    figures = _child("full_run", folder)
    quality = _quality(folder, "customers.parquet")
    table = Table("step", "seconds", title=f"Braid, {figures['records']:,} records", title_justify="left")
    for step, seconds in figures["steps"]:
        table.add_row(step, f"{seconds:.1f}")
    table.add_row("all", f"{figures['seconds']:.1f}")
    console.print(table)
    console.print(
        f"{figures['customers']:,} customers; pairwise precision {quality.precision:.4f}, recall {quality.recall:.4f}; "
        f"peak memory {figures['gib']:.2f} GiB; the model was learnt in this run"
    )
    return figures


def _child(module: str, folder: Path, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-W", "ignore", "-m", f"benchmarks.identity_scale.{module}", str(folder), *arguments]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{module} ended with code {done.returncode}:\n{done.stderr[-3000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def _quality(folder: Path, clusters: str) -> Quality:
    found = pq.read_table(folder / clusters, columns=["record_id", "customer_id"])
    return evaluate(pa.table(found), pq.read_table(folder / "truth.parquet"))


def _print(
    console: Console,
    small: dict[str, Any],
    large: dict[str, Any],
    splink: dict[str, Any],
    more: dict[str, Any],
    quality: Quality,
) -> None:
    console.print(
        f"Splink alone: {splink['seconds']:.1f} s, {splink['gib']:.2f} GiB; "
        f"pairwise precision {quality.precision:.4f}, recall {quality.recall:.4f}"
    )
    bounds = Table("figure", "seen", "bound", "", title="Against the bounds", title_justify="left")
    for name, seen, bound in (
        ("seconds", large["seconds"], MOST_SECONDS),
        ("peak GiB", large["gib"], MOST_GIB),
        ("seconds / Splink's", large["seconds"] / splink["seconds"], MOST_TIMES_SPLINK),
        ("seconds / those of a tenth of the records", large["seconds"] / small["seconds"], MOST_GROWTH),
        (f"seconds for {more['more']:,} records more, matched", more["matched"], MOST_SECONDS_FOR_MORE),
    ):
        bounds.add_row(name, f"{seen:.2f}", f"{bound}", "met" if seen <= bound else "NOT MET")
    console.print(bounds)
    console.print(
        f"{more['more']:,} records more: {more['looked_at']:,} records looked at again; matched and planned in "
        f"{more['matched']:.1f} s, written in {more['written']:.1f} s, after loading in {more['loaded']:.1f} s; "
        f"clusters {'equal to' if more['equal'] else 'DIFFER FROM'} those of one run over all "
        f"({more['held']} changes held back by bounds)"
    )


if __name__ == "__main__":
    sys.exit(main())
