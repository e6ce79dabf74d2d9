"""How fast the sandbox retailer is made up, and whether ten times the records take ten times the time.

Run: python benchmarks/sandbox_generation.py [records]
"""

from __future__ import annotations

import resource
import sys
import time

from sandbox.generator import generate
from sandbox.records import identity_records

RECORDS_PER_PERSON = 3.31
GOAL_SECONDS = 120


def measure(records: int) -> tuple[float, int, int]:
    """Seconds, source records and rows of a world of about that many records, brought to the identity contract."""
    start = time.perf_counter()
    world = generate(int(records / RECORDS_PER_PERSON), seed=7)
    made = identity_records(world).num_rows
    return time.perf_counter() - start, made, sum(table.num_rows for table in world.tables.values())


def main(records: int = 1_000_000) -> None:
    """Print both sizes, their rates and the ratio."""
    generate(200)
    seconds = []
    print(f"{'records':>12} {'all rows':>12} {'seconds':>9} {'records/s':>11} {'rows/s':>11}")
    for size in (records // 10, records):
        spent, made, rows = measure(size)
        seconds.append(spent)
        print(f"{made:>12,} {rows:>12,} {spent:>9.2f} {made / spent:>11,.0f} {rows / spent:>11,.0f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"time ratio for ten times the records: {seconds[1] / seconds[0]:.1f} (10 is linear)")
    print(f"share of the goal of {GOAL_SECONDS} s: {seconds[1] / GOAL_SECONDS:.2f}; peak memory {peak:.1f} GiB")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
