"""Some records more on top of the rest: how long that takes, and whether it ends where one run over all would.

Arguments: the folder that `full_run` left, and how many records come later.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.identity_scale.measured import Steps
from benchmarks.identity_scale.room import LOADING, WRITING, open_room, run_identity


def main(folder: Path, more: int) -> None:
    """Print the figures as JSON."""
    records = pq.read_table(folder / "records.parquet")
    model = (folder / "model.json").read_text()
    late = np.zeros(records.num_rows, dtype=np.bool_)
    late[np.random.default_rng(1).choice(records.num_rows, more, replace=False)] = True
    home = folder / "more"
    with open_room(home) as (store, settings):
        run_identity(store, settings, records.filter(pa.array(~late)), run_id="most", progress=Steps(), model=model)
        steps = Steps()
        resolution = run_identity(store, settings, records, run_id="more", progress=steps, model=model)
        steps("end")
        published = store.assignment()
    # A change that a bound holds back is proposed all the same.
    proposed = resolution.plan.proposal.customers
    others = pc.invert(pc.is_in(published["record_id"], value_set=proposed["record_id"].combine_chunks()))
    kept = published.select(["record_id", "customer_id"]).filter(others)
    clusters = pa.concat_tables([kept, proposed.cast(kept.schema)])
    taken = dict(steps.steps)
    loaded, written = taken[LOADING], taken[WRITING]
    whole = pq.read_table(folder / "customers.parquet")
    print(
        json.dumps(
            {
                "more": more,
                "looked_at": resolution.record_customers.num_rows if resolution.scope else records.num_rows,
                "loaded": loaded,
                "written": written,
                "matched": sum(taken.values()) - loaded - written - taken["starting"],
                "equal": _same(clusters, whole),
                "held": resolution.plan.summary["changes_held"],
                "steps": steps.steps,
            }
        )
    )


def _same(one: pa.Table, other: pa.Table) -> bool:
    """Whether two assignments group the same records the same way, whatever the groups are called."""
    one, other = one.sort_by("record_id"), other.sort_by("record_id")
    if not one["record_id"].equals(other["record_id"]):
        return False
    both = pa.table({"one": one["customer_id"], "other": other["customer_id"]})
    pairs = both.group_by(["one", "other"]).aggregate([]).num_rows
    return bool(pairs == pc.count_distinct(both["one"]).as_py() == pc.count_distinct(both["other"]).as_py())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
