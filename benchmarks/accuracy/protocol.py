"""What every contender does: read a Parquet table of people, write `unique_id, cluster_id` for each of its rows.

Needs nothing but pyarrow, because contenders run in environments of their own. A contender is a module whose last lines
hand its function to `contend`; it is started as `python -m benchmarks.accuracy.contenders.NAME people clusters`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq

ID = "unique_id"


def contend(cluster: Callable[[pa.Table], pa.Table]) -> None:
    """Read the table named first on the command line, write what `cluster` makes of it to the second."""
    people, clusters = sys.argv[1:3]
    found = cluster(pq.read_table(people)).select([ID, "cluster_id"])
    pq.write_table(found.cast(pa.schema([(ID, pa.string()), ("cluster_id", pa.string())])), clusters)
