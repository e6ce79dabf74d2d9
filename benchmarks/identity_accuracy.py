"""How right identity is at its defaults: every labelled table of a folder, and the sandbox at several seeds.

`python benchmarks/identity_accuracy.py DIR --people 2000 --seeds 1 2 3`. A labelled table has the columns `unique_id`
and `cluster` (the truth); nothing but this file ever reads the second.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from identity.evaluation import evaluate
from identity.pipeline import resolve
from identity.recognise import recognise
from identity.settings import IdentitySettings
from sandbox.generator import generate
from sandbox.records import identity_records, truth


def labelled(folder: Path) -> Iterator[tuple[str, pa.Table, pa.Table]]:
    """Name, records and truth of each Parquet file."""
    for path in sorted(folder.glob("*.parquet")):
        table = pq.read_table(path)
        records = recognise(table, "unique_id", ignored={"cluster"}).records
        yield path.stem, records, pa.table({"record_id": records["record_id"], "person_id": table["cluster"]})


def sandboxes(people: int, seeds: list[int]) -> Iterator[tuple[str, pa.Table, pa.Table]]:
    """The same of made-up retailers."""
    for seed in seeds:
        world = generate(people=people, seed=seed)
        yield f"sandbox, {people} people, seed {seed}", identity_records(world), truth(world)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="Parquet files with unique_id and cluster")
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2, 3])
    arguments = parser.parse_args()
    table = Table("set", "records", "precision", "recall", "F1", "B3 precision", "B3 recall", "B3 F1", "seconds")
    sets = [*(labelled(arguments.folder) if arguments.folder else []), *sandboxes(arguments.people, arguments.seeds)]
    for name, records, person in sets:
        started = time.perf_counter()
        found = resolve(
            records, previous=None, ledger=None, run_id="benchmark", now=datetime.now(UTC), settings=IdentitySettings()
        )
        seconds = time.perf_counter() - started
        quality = evaluate(found.record_customers, person)
        shares = (
            quality.precision,
            quality.recall,
            quality.f1,
            quality.bcubed_precision,
            quality.bcubed_recall,
            quality.bcubed_f1,
        )
        table.add_row(name, f"{records.num_rows:,}", *(f"{share:.4f}" for share in shares), f"{seconds:.1f}")
    console = Console(width=140)
    console.print(table)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    console.print(f"peak memory {peak:.1f} GiB")


if __name__ == "__main__":
    main()
