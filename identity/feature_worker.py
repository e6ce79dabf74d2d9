"""Features of large tables on every core: each worker is a process of its own that reads and writes Arrow streams.

A process pool would import the caller's main module anew in each worker, which not every caller's script bears.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pyarrow as pa

from identity.features import Features, features_of_sorted

# Below this many records per process, starting one costs more than it saves.
_FEWEST: Final = 100_000
_MOST_PROCESSES: Final = 8


def build_features(records: pa.Table, default_region: str) -> Features:
    """Standardise records of the identity contract, sorted by `record_id` so that no order of rows matters.

    Raises:
        RuntimeError: if a worker fails; it tells the kind of error, never a value.
    """
    records = records.sort_by("record_id")
    processes = min(os.cpu_count() or 1, _MOST_PROCESSES, max(records.num_rows // _FEWEST, 1))
    if processes == 1:
        return features_of_sorted(records, default_region)
    size = -(-records.num_rows // processes)
    slices = [records.slice(start, size) for start in range(0, records.num_rows, size)]
    with ThreadPoolExecutor(len(slices)) as threads:
        others = [threads.submit(_in_worker, part, default_region) for part in slices[1:]]
        parts = [features_of_sorted(slices[0], default_region), *(other.result() for other in others)]
    table = pa.concat_tables(part.table for part in parts).combine_chunks()
    rid = pa.array(range(table.num_rows), pa.int32())
    return Features(
        table.set_column(table.column_names.index("rid"), "rid", rid),
        pa.concat_tables(part.identifiers for part in parts),
    )


def _in_worker(records: pa.Table, default_region: str) -> Features:
    command = [sys.executable, "-m", "identity.feature_worker", default_region]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(  # noqa: S603  our own interpreter and module
        command, input=_written(records), capture_output=True, env=environment, check=False
    )
    if done.returncode:
        # The kind of error alone: its words may quote what somebody is called.
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        kind = last[0].partition(":")[0] if ":" in last[0] else "no Python error"
        raise RuntimeError(
            f"a process that reads names and addresses ended with code {done.returncode} ({kind}); run again, and "
            "if it stays so, with fewer records: memory may be short"
        )
    source = pa.BufferReader(done.stdout)
    return Features(pa.ipc.open_stream(source).read_all(), pa.ipc.open_stream(source).read_all())


def _written(*tables: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    for table in tables:
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
    return bytes(memoryview(sink.getvalue()))


def main() -> None:
    """Read records from standard input, write their features and identifiers to standard output."""
    records = pa.ipc.open_stream(sys.stdin.buffer.read()).read_all()
    features = features_of_sorted(records, sys.argv[1])
    sys.stdout.buffer.write(_written(features.table, features.identifiers))


if __name__ == "__main__":
    main()
