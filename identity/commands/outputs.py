"""What a run of `dedupe` writes: who is who, and the pairs that say so."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from identity.columns import one_array
from identity.commands.people import People
from identity.pipeline import Resolution
from identity.tables.errors import UnreadableTable


def clusters_table(people: People, resolution: Resolution) -> pa.Table:
    """One row per input row, in the order of the inputs.

    One input: its id column under its own name (`row` when rows were numbered), `customer_id`, `cluster_confidence`.
    Several: `record_id, source, native_id, customer_id, cluster_confidence`, where `native_id` is the file's own id.
    """
    customers = resolution.record_customers
    place = pc.index_in(one_array(people.records["record_id"]), one_array(customers["record_id"]))
    found = {
        "customer_id": one_array(customers["customer_id"]).take(place),
        "cluster_confidence": one_array(customers["link_strength"]).take(place),
    }
    if len(people.inputs) > 1:
        return pa.table({name: people.records[name] for name in ("record_id", "source", "native_id")} | found)
    (only,) = people.inputs
    ids = only.recognised.ids
    own = only.read.table[ids.column] if ids.column is not None else ids.ids.cast(pa.int64())
    # An id column may itself be called what is found here.
    name = f"{ids.name}_given" if ids.name in found else ids.name
    return pa.table({name: own, **found})


def edges_table(resolution: Resolution) -> pa.Table:
    """The pairs that were kept, with what was found in words instead of a pattern.

    Columns: `record_id_a, record_id_b, match_weight` (bits), `match_probability, accepted` (one customer?), `why`.
    """
    patterns = resolution.edge_patterns
    words = pa.array([_words(evidence) for evidence in patterns["evidence"].to_pylist()], pa.string())
    place = pc.index_in(one_array(resolution.edges["pattern"]), one_array(patterns["pattern"]))
    return resolution.edges.drop_columns(["pattern"]).append_column("why", words.take(place))


def _words(evidence: str) -> str:
    return "; ".join(f"{part['words']} {part['weight']:+.1f}" for part in json.loads(evidence))


def refuse_overwriting(outputs: list[Path], inputs: list[Path]) -> None:
    """No output may be an input, nor two outputs one file.

    Raises:
        UnreadableTable: naming the file.
    """
    taken = {path.resolve(): "an input" for path in inputs}
    for path in outputs:
        if path.resolve() in taken:
            raise UnreadableTable(f"{path} is {taken[path.resolve()]} already; write to another file")
        taken[path.resolve()] = "an output"
