"""Braid as its own command line runs it, no option given."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.accuracy.protocol import ID, contend
from identity.cli import app


def cluster(people: pa.Table) -> pa.Table:
    """`braid identity dedupe people.parquet --id-column unique_id --out clusters.parquet`."""
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder, "people.parquet"), Path(folder, "clusters.parquet")
        pq.write_table(people, given)
        app(["dedupe", str(given), "--id-column", ID, "--out", str(found)], standalone_mode=False)
        clusters = pq.read_table(found)
    return pa.table({ID: clusters[ID], "cluster_id": clusters["customer_id"]})


if __name__ == "__main__":
    contend(cluster)
