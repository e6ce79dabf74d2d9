"""GoldenMatch with no configuration: its own choice of columns, blocking, scorers and threshold."""

from __future__ import annotations

import goldenmatch
import numpy as np
import pyarrow as pa

from benchmarks.accuracy.protocol import ID, contend


def cluster(people: pa.Table) -> pa.Table:
    """Members of its clusters are row numbers; the id says nothing about a person and is kept from it."""
    result = goldenmatch.dedupe_df(people.drop_columns([ID]))
    labels = np.arange(people.num_rows)
    for found in result.clusters.values():
        members = list(found["members"])
        labels[members] = min(members)
    return pa.table({ID: people[ID], "cluster_id": labels})


if __name__ == "__main__":
    contend(cluster)
