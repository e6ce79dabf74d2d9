"""What a Spark task does with its partition: the statements of an in-process run, by DuckDB, over Arrow.

Spark's own functions round, order and treat nulls in other ways than DuckDB's: here both engines ask the same ones.
Executors need Braid installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

import duckdb
import pyarrow as pa

from identity.blocking import RULES_BY_NAME, build_blocks
from identity.comparisons import Comparison

# Spark has no unsigned numbers: keys are moved down to signed ones, and back when they are read.
_HALF: Final = f"{2**63}::hugeint"
TO_SIGNED: Final = f"(key::hugeint - {_HALF})::bigint"
FROM_SIGNED: Final = f"(key::hugeint + {_HALF})::ubigint"
_ROWS_PER_BATCH: Final = 100_000


def level_reached(comparison: Comparison) -> str:
    """SQL over `<column>_l` and `<column>_r`: the level reached, as Splink numbers them (-1: nothing to compare)."""
    best = len(comparison.levels)
    levels = " ".join(f"when {level.sql} then {best - place}" for place, level in enumerate(comparison.levels))
    return f"(case when {comparison.null_sql} then -1 {levels} else 0 end)::tinyint"


def compare(batches: Iterator[pa.RecordBatch], query: str) -> Iterator[pa.RecordBatch]:
    """A query over a partition of pairs, which it knows as `pairs`."""
    with _Partition(batches, "pairs") as connection:
        if connection is not None:
            yield from _answer(connection, query)


def find_keys(batches: Iterator[pa.RecordBatch], rules: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    """The block keys of a partition of features: `rule, key, rid, seeks`, keys signed."""
    with _Partition(batches, "arriving") as connection:
        if connection is not None:
            # Every rule reads it anew, and it arrives once.
            connection.execute("create table features as select * from arriving")
            build_blocks(connection, [RULES_BY_NAME[rule] for rule in rules], features="features", blocks="blocks")
            query = f"select rule::integer as rule, {TO_SIGNED} as key, rid, seeks from blocks"
            yield from _answer(connection, query)


def _answer(connection: duckdb.DuckDBPyConnection, query: str) -> pa.RecordBatchReader:
    return connection.execute(query).to_arrow_reader(_ROWS_PER_BATCH)


class _Partition:
    """A DuckDB that reads a partition as it arrives, by the name given; null when the partition is empty."""

    def __init__(self, batches: Iterator[pa.RecordBatch], name: str) -> None:
        self._batches = batches
        self._name = name
        self._connection: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> duckdb.DuckDBPyConnection | None:
        first = next(self._batches, None)
        if first is None:
            return None
        # Spark runs as many tasks as there are cores.
        self._connection = duckdb.connect(config={"threads": 1, "memory_limit": "1GB"})
        self._connection.execute("set preserve_insertion_order = false")
        arriving = pa.RecordBatchReader.from_batches(first.schema, chain([first], self._batches))
        self._connection.register(self._name, arriving)
        return self._connection

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()
