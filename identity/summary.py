"""The figures of a run, for people and for asset metadata."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from identity.plan import Plan
from identity.run import Found


def summary(customers: pa.Table, edges: pa.Table, found: Found, plan: Plan) -> dict[str, int | float | str]:
    """Counts of what a run looked at and decided; of a partial run, of the part that it looked at."""
    sizes = customers["customer_id"].value_counts().field("counts")
    happened = {row["values"]: row["counts"] for row in plan.assignment.events["event"].value_counts().to_pylist()}
    records = customers.num_rows
    accepted = pc.sum(found.identifiers["is_valid"], min_count=0).as_py()
    model = found.frozen
    return {
        "scope": "everything" if found.scope is None else "what the changes can reach",
        "records": records,
        "customers": len(sizes),
        "records_per_customer": round(records / len(sizes), 3) if len(sizes) else 0.0,
        "largest_customer": pc.max(sizes).as_py() or 0,
        "records_alone": pc.sum(pc.equal(sizes, 1), min_count=0).as_py(),
        "pairs_compared": len(found.matched.scores.left),
        "edges_kept": edges.num_rows,
        "identifiers": found.identifiers.num_rows,
        "identifiers_rejected": found.identifiers.num_rows - accepted,
        "model_id": model.model_id,
        "model_trained": "in this run" if found.was_trained else f"before, on {model.records:,} records",
        "threshold": model.threshold,
        "comparisons": ", ".join(comparison.name for comparison in model.model.comparisons),
        "blocking_rules": ", ".join(counted.rule.name for counted in model.rules),
        **{
            f"ids_{event}": happened.get(event, 0)
            for event in ("minted", "revived", "split", "merged", "moved", "left", "retired")
        },
        "records_seen_before": plan.assignment.seen_before,
        "records_that_kept_their_id": plan.assignment.kept,
        "id_stability": round(plan.assignment.stability, 6),
        **plan.summary,
    }
