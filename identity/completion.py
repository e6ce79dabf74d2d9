"""Pairs that no blocking rule found, between records that near pairs connect: compared too, before clusters form."""

from __future__ import annotations

from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from identity.components import connected_components
from identity.scoring import Scorer, Scores
from identity.vectors import VectorBuilder

# All pairs of a component of this many records are compared; larger ones are left to the pairs that blocking found.
_LARGEST_COMPONENT: Final = 60
# Pairs more likely than not connect.
_NEAR: Final = 0.0


def complete(
    connection: duckdb.DuckDBPyConnection,
    builder: VectorBuilder,
    scorer: Scorer,
    scores: Scores,
    records: int,
) -> Scores:
    """Add the missing pairs of every component that pairs more likely than not hold together.

    Two records that share a first name and little else may bring two people's records into one component; whether
    those contradict each other is known only when all of them have been compared.
    """
    linked = scores.weight >= _NEAR
    component = connected_components(records, scores.left[linked], scores.right[linked])
    size = np.bincount(component, minlength=records)[component]
    inside = np.flatnonzero((size > 2) & (size <= _LARGEST_COMPONENT))
    connection.register("component_members", pa.table({"rid": inside.astype(np.int32), "component": component[inside]}))
    connection.register("compared_pairs", pa.table({"rid_l": scores.left, "rid_r": scores.right}))
    connection.execute("""
        create or replace temp table missing_pairs as
        select a.rid as rid_l, b.rid as rid_r
        from component_members as a join component_members as b on a.component = b.component and a.rid < b.rid
        anti join compared_pairs as c on c.rid_l = a.rid and c.rid_r = b.rid
    """)
    connection.unregister("component_members")
    connection.unregister("compared_pairs")
    builder.build("missing_pairs", "missing_vectors")
    return scores.merged(scorer.score("missing_vectors"))
