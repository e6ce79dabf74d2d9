"""The tables that identity is kept in have the columns of the Python contract, in its order and types."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pytest

from identity import contract

SQL = (Path(__file__).parents[2] / "orchestration" / "identity_tables.sql").read_text()
POSTGRES = {
    pa.string(): "text",
    pa.list_(pa.string()): "text[]",
    pa.bool_(): "boolean",
    pa.int64(): "bigint",
    pa.float64(): "double precision",
    pa.timestamp("us", tz="UTC"): "timestamptz",
}
OURS = {"customer_ledger": {"event_number"}, "plan_changes": {"plan_id"}}
"""Columns that only the warehouse knows."""
TABLES = {
    "record_customers": contract.RECORD_CUSTOMERS,
    "edges": contract.EDGES,
    "edge_patterns": contract.EDGE_PATTERNS,
    "identifiers": contract.IDENTIFIERS,
    "shared_identifiers": contract.SHARED_IDENTIFIERS,
    "customer_ledger": contract.CUSTOMER_LEDGER,
    "judgements": contract.JUDGEMENTS,
    "plan_changes": contract.PLAN_CHANGES,
    "change_decisions": contract.CHANGE_DECISIONS,
}


@pytest.mark.parametrize("table", TABLES)
def test_columns_order_types_and_nulls_are_the_same(table: str) -> None:
    found = re.search(rf"create table if not exists identity\.{table} \((.*?)\n\);", SQL, re.DOTALL)
    assert found is not None
    lines = [line.strip().rstrip(",") for line in found[1].strip().splitlines()]
    column = re.compile(r"^(?!primary key|check)(\w+) (double precision|\w+(?:\[\])?)(.*)$")
    declared = [
        (match[1], match[2], "not null" in match[3] or "primary key" in match[3])
        for match in map(column.match, lines)
        if match and match[1] not in OURS.get(table, ())
    ]
    assert declared == [(field.name, POSTGRES[field.type], not field.nullable) for field in TABLES[table]]
