"""DuckDB and Spark side by side: seconds, and whether they find the same customers.

`python benchmarks/identity_engines.py DIR --records 100000`. Of a folder the largest Parquet file is taken; a file is
any table of people with a column `unique_id`; a column `cluster` is left aside. A sandbox of `--records` comes last.
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

from identity.pipeline import Resolution, resolve
from identity.recognise import recognise
from identity.settings import EngineName, IdentitySettings
from sandbox.generator import generate
from sandbox.records import identity_records

_RECORDS_PER_PERSON = 3.3


def tables(files: list[Path], records: int) -> Iterator[tuple[str, pa.Table]]:
    """Name and records, per contract, of each file and of the sandbox."""
    for path in filter(None, map(_largest, files)):
        yield path.stem, recognise(pq.read_table(path), "unique_id", ignored={"cluster"}).records
    if records:
        # Somewhat more people than needed, and then as many records as asked for.
        world = generate(people=max(int(records / _RECORDS_PER_PERSON * 1.1), 50), seed=1)
        yield "sandbox", identity_records(world).slice(0, records)


def _largest(path: Path) -> Path | None:
    """The file, or the file of most rows in the folder, if there is any."""
    if not path.is_dir():
        return path
    return max(sorted(path.glob("*.parquet")), key=lambda file: pq.read_metadata(file).num_rows, default=None)


def run(records: pa.Table, engine: EngineName, model: str | None) -> tuple[Resolution, float]:
    """Resolve with one engine; the seconds include starting and ending it."""
    started = time.perf_counter()
    found = resolve(
        records,
        previous=None,
        ledger=None,
        run_id="benchmark",
        now=datetime(2026, 1, 1, tzinfo=UTC),
        settings=IdentitySettings(engine=engine),
        model=model,
    )
    return found, time.perf_counter() - started


def main() -> None:
    """Measure and print; a difference is an error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="*", help="Parquet files with unique_id, or folders of them")
    parser.add_argument("--records", type=int, default=100_000, help="of the sandbox; 0 for none")
    arguments = parser.parse_args()
    table = Table("set", "records", "model", "DuckDB", "Spark", "ratio", "customers", "model equal", "clusters equal")
    same = True
    for name, records in tables(arguments.files, arguments.records):
        model = None
        for how in ("learnt", "given"):
            here, seconds = run(records, "duckdb", model)
            there, spark_seconds = run(records, "spark", model)
            equal = here.record_customers.equals(there.record_customers) and here.edges.equals(there.edges)
            same_model = here.model == there.model
            same = same and equal and same_model
            table.add_row(
                name,
                f"{records.num_rows:,}",
                how,
                f"{seconds:.1f} s",
                f"{spark_seconds:.1f} s",
                f"{spark_seconds / seconds:.1f}",
                f"{len(here.record_customers['customer_id'].unique()):,}",
                "yes" if same_model else "NO",
                "yes" if equal else "NO",
            )
            model = here.model
    console = Console(width=140)
    console.print(table)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
    console.print(f"peak memory {peak:.1f} GiB here, {children:.1f} GiB in the largest process of Spark")
    if not same:
        raise SystemExit("the engines do not agree")


if __name__ == "__main__":
    main()
