"""What a Spark task does with its partition: the statements of an in-process run, by DuckDB, over Arrow.

Spark's own functions round, order and treat nulls in other ways than DuckDB's: here both engines ask the same ones.
Executors need Braid installed.
"""

from __future__ import annotations

import re
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


def comparison_query(comparisons: tuple[Comparison, ...], columns: list[str], keep: str | None) -> str:
    """SQL over `pairs` (`rid_l, rid_r`, and the column to `keep`) and `features`, of which it reads `columns`."""
    levels = [f"{level_reached(comparison)} as gamma_{comparison.name}" for comparison in comparisons]
    sides = [", ".join([f"rid as rid_{side}", *(f"{name} as {name}_{side}" for name in columns)]) for side in "lr"]
    return f"""
        select {", ".join(["rid_l", "rid_r", *levels, *([keep] if keep else [])])} from pairs
        join (select {sides[0]} from features) using (rid_l) join (select {sides[1]} from features) using (rid_r)
    """


def columns_compared(comparisons: tuple[Comparison, ...]) -> list[str]:
    """The columns of `features` that the comparisons read."""
    return sorted(set(re.findall(r"(\w+)_[lr]\b", " ".join(map(level_reached, comparisons)))))


def compare(pairs: pa.Table, features: pa.Table, query: str) -> pa.Table:
    """A query over some pairs and the features of their records, which it knows as `pairs` and `features`."""
    with _connect() as connection:
        connection.register("pairs", pairs)
        connection.register("features", features)
        return connection.sql(query).to_arrow_table()


def find_keys(batches: Iterator[pa.RecordBatch], rules: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    """The block keys of a partition of features: `rule, key, rid, seeks`, keys signed."""
    first = next(batches, None)
    if first is None:
        return
    with _connect() as connection:
        connection.register("arriving", pa.RecordBatchReader.from_batches(first.schema, chain([first], batches)))
        # Every rule reads it anew, and it arrives once.
        connection.execute("create table features as select * from arriving")
        build_blocks(connection, [RULES_BY_NAME[rule] for rule in rules], features="features", blocks="blocks")
        keys = connection.sql(f"select rule::integer as rule, {TO_SIGNED} as key, rid, seeks from blocks")
        found: pa.RecordBatchReader = keys.to_arrow_reader(_ROWS_PER_BATCH)
        yield from found


def _connect() -> duckdb.DuckDBPyConnection:
    # Spark runs as many tasks as there are cores.
    connection = duckdb.connect(config={"threads": 1, "memory_limit": "1GB"})
    connection.execute("set preserve_insertion_order = false")
    return connection
