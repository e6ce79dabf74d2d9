"""One full run of identity, model and all, from Arrow to PostgreSQL. Argument: the folder of `records.parquet`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.identity_scale.measured import Steps, peak_gib
from benchmarks.identity_scale.room import LOADING, open_room, run_identity


def main(folder: Path) -> None:
    """Print the figures as JSON; leave the customers and the model in the folder."""
    records = pq.read_table(folder / "records.parquet")
    with open_room(folder / "warehouse") as (store, settings):
        steps = Steps()
        resolution = run_identity(store, settings, records, run_id="full", progress=steps)
        steps("end")
        # From the records in memory to everything in PostgreSQL.
        seconds = sum(spent for step, spent in steps.steps if step not in ("starting", LOADING))
    pq.write_table(resolution.record_customers, folder / "customers.parquet")
    (folder / "model.json").write_text(resolution.model)
    summary = resolution.summary
    print(
        json.dumps(
            {
                "seconds": seconds,
                "gib": peak_gib(),
                "steps": steps.steps[1:],
                "records": records.num_rows,
                "customers": summary["customers"],
                "pairs": summary["pairs_compared"],
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
