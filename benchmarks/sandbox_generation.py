"""How fast the sandbox retailer is made up and exported, and whether ten times the records take ten times the time.

Run: python benchmarks/sandbox_generation.py [records]
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from sandbox.generator import generate
from sandbox.records import identity_records
from sandbox.touch_tables import TOUCH_TABLES
from sandbox.vendors.exports.folder import write_files
from sandbox.world import World

RECORDS_PER_PERSON = 3.31
"""Of the systems with interfaces; those that export files add their own."""
GOAL_SECONDS = 120


def measure(records: int) -> tuple[float, float, World]:
    """Seconds for a world of about that many records, brought to the identity contract; seconds to export its files."""
    start = time.perf_counter()
    world = generate(int(records / RECORDS_PER_PERSON), seed=7)
    identity_records(world)
    made = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        write_files(world, Path(folder))
        return made - start, time.perf_counter() - made, world


def main(records: int = 1_000_000) -> None:
    """Print both sizes, their rates and the ratio."""
    generate(200)
    seconds = []
    print(f"{'records':>12} {'file records':>13} {'all rows':>12} {'seconds':>9} {'rows/s':>11} {'export s':>9}")
    for size in (records // 10, records):
        spent, exported, world = measure(size)
        seconds.append(spent)
        rows = sum(table.num_rows for table in world.tables.values())
        counted = f"{world['records'].num_rows:>12,} {world['touch_records'].num_rows:>13,} {rows:>12,}"
        print(f"{counted} {spent:>9.2f} {rows / spent:>11,.0f} {exported:>9.2f}")
    in_files = sum(world[name].num_rows for name in TOUCH_TABLES)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"share of the rows that systems with files tell: {in_files / rows:.2f}")
    print(f"time ratio for ten times the records: {seconds[1] / seconds[0]:.1f} (10 is linear)")
    print(f"share of the goal of {GOAL_SECONDS} s: {seconds[1] / GOAL_SECONDS:.2f}; peak memory {peak:.1f} GiB")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
