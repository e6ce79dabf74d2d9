"""A first sync of 100,000 rows, a second one after a hundredth has changed, and a third when nothing has.

`make bench-sync` runs it against a look-alike of the vendor's API in a process of its own, over local HTTP. The second
sync is to send what changed and nothing else, and to cost at most a tenth of the first.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from activation.destinations.registry import build
from activation.sync.block import SyncBlock
from activation.sync.engine import SyncReport, run_sync
from benchmarks.sync_scale.people import change, publish_people
from benchmarks.sync_scale.tools import accounts, served
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse

MOST_COST: Final = 0.1
TOOLS: Final = {
    "webhook": {"channel": "email"},
    "klaviyo_profiles": {"channel": "email"},
    "hubspot_contacts": {"channel": "email"},
    "meta_audience": {"options": {"audience": "Bench"}, "channel": "advertising", "mapping": {}},
    "google_customer_match": {"options": {"user_list": "Bench"}, "channel": "advertising", "mapping": {}},
}
_MAPPING: Final = {
    "first_name": "name.given",
    "braid_persona": "persona.name",
    "braid_value": "metrics.lifetime_value",
    "braid_vip": "in_segment.vip",
}


def main() -> None:
    """Measure, print, and fail when the second sync sends too much or costs too much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--every", type=int, default=100, help="one in so many changes")
    parser.add_argument("--tool", choices=sorted(TOOLS), default="webhook")
    arguments = parser.parse_args()
    console = Console()
    block = SyncBlock.model_validate(
        {
            "name": "bench", "destination": arguments.tool, "model": "segment:bench", "mode": "mirror",
            "purpose": "marketing", "mapping": _MAPPING, **TOOLS[arguments.tool],
        }
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="braid-bench-") as folder:
        home = Path(folder)
        warehouse = Warehouse.open(Settings(home=home, database_url=os.environ.get("BRAID_BENCH_DATABASE_URL")))
        try:
            console.print(f"Publishing {arguments.people:,} people …")
            publish_people(warehouse, arguments.people)
            with served(home / "vendors") as environment:
                console.print(f"Syncing them to the look-alike of {arguments.tool} …")
                first, first_seconds = _sync(warehouse, block, environment)
                changed = change(warehouse, arguments.every)
                second, second_seconds = _sync(warehouse, block, environment)
                third, third_seconds = _sync(warehouse, block, environment)
        finally:
            warehouse.stop()
    table = Table(box=None, pad_edge=False)
    for column in ("sync", "rows", "sent", "seconds", "rows/s"):
        table.add_column(column, justify="left" if column == "sync" else "right")
    for name, report, seconds in (
        ("first", first, first_seconds),
        (f"{changed:,} changed", second, second_seconds),
        ("nothing new", third, third_seconds),
    ):
        held = report.plan.to_send + report.plan.unchanged
        table.add_row(name, f"{held:,}", f"{report.sent:,}", f"{seconds:.2f}", f"{held / seconds:,.0f}")
    console.print(table)
    share, ratio = second.sent / arguments.people, second_seconds / first_seconds
    console.print(
        f"The second sync sent {share:.2%} of the rows and cost {ratio:.1%} of the first (most: {MOST_COST:.0%}); "
        f"with nothing new {third_seconds / first_seconds:.1%}."
    )
    if first.acknowledged != arguments.people or second.sent != changed or third.sent:
        raise SystemExit("not all was acknowledged, or more was sent than had changed")
    if ratio > MOST_COST:
        raise SystemExit("the second sync cost too much")


def _sync(warehouse: Warehouse, block: SyncBlock, environment: dict[str, str]) -> tuple[SyncReport, float]:
    began = time.perf_counter()
    with warehouse.connect() as connection, closing(build(block, accounts(environment))) as receiver:
        report = run_sync(connection, block, receiver)
    return report, time.perf_counter() - began


if __name__ == "__main__":
    main()
