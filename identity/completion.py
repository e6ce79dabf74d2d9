"""Pairs that no blocking rule found, but that decide who belongs together: compared too, component by component."""

from __future__ import annotations

from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from identity.clustering import NEAR, Pairs
from identity.components import Labels, connected_components
from identity.scoring import Scores

# All pairs of a component of this many records are compared; of larger ones those that come to share a cluster.
LARGEST_COMPONENT: Final = 60


def missing_in_components(
    connection: duckdb.DuckDBPyConnection, scores: Scores, records: int, together: Pairs
) -> Pairs:
    """The pairs not compared yet of every component that near pairs, or judgements, hold together.

    Two records that share a first name and little else may bring two people's records into one component; whether
    those contradict each other is known only when all of them have been compared.
    """
    linked = scores.weight >= NEAR
    component = connected_components(
        records,
        np.concatenate([scores.left[linked].astype(np.int64), np.asarray(together[0], dtype=np.int64)]),
        np.concatenate([scores.right[linked].astype(np.int64), np.asarray(together[1], dtype=np.int64)]),
    )
    size = np.bincount(component, minlength=records)[component]
    inside = np.flatnonzero((size > 2) & (size <= LARGEST_COMPONENT))
    return _missing(connection, inside, component[inside], scores)


def missing_in_clusters(connection: duckdb.DuckDBPyConnection, scores: Scores, labels: Labels) -> Pairs:
    """The pairs not compared yet of every cluster: one that nobody has looked at as a whole may be a chain."""
    size = np.bincount(labels, minlength=len(labels))[labels]
    inside = np.flatnonzero(size > 2)
    return _missing(connection, inside, labels[inside], scores)


def _missing(connection: duckdb.DuckDBPyConnection, members: NDArray[np.intp], group: Labels, scores: Scores) -> Pairs:
    connection.register("group_members", pa.table({"place": members.astype(np.int32), "of": group}))
    connection.register("compared_pairs", pa.table({"one": scores.left, "other": scores.right}))
    missing = connection.sql("""
        select a.place as one, b.place as other
        from group_members as a join group_members as b on a.of = b.of and a.place < b.place
        anti join compared_pairs as c on c.one = a.place and c.other = b.place
        order by one, other
    """).to_arrow_table()
    connection.unregister("group_members")
    connection.unregister("compared_pairs")
    return missing["one"].to_numpy(), missing["other"].to_numpy()
