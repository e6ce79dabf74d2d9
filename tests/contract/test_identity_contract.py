"""dbt's contract of identity_records and the Python contract name the same columns, in the same order and types."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import yaml

from identity.contract import IDENTITY_RECORDS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "dbt_project" / "models" / "identity"
ARROW = {
    "text": pa.string(),
    "text[]": pa.list_(pa.string()),
    "date": pa.date32(),
    "timestamptz": pa.timestamp("us", tz="UTC"),
}


def declared() -> dict:
    (model,) = yaml.safe_load((FOLDER / "identity_records.yml").read_text())["models"]
    assert model["name"] == "identity_records"
    return model


def test_columns_order_and_types_are_the_same() -> None:
    columns = [(column["name"], ARROW[column["data_type"]]) for column in declared()["columns"]]
    assert columns == [(field.name, field.type) for field in IDENTITY_RECORDS]


def test_what_must_be_there_is_enforced_by_dbt() -> None:
    demanding = ({"type": "not_null"}, {"type": "primary_key"})
    required = {
        column["name"]
        for column in declared()["columns"]
        if any(constraint in demanding for constraint in column.get("constraints", []))
    }
    assert required == {field.name for field in IDENTITY_RECORDS if not field.nullable}
    assert declared()["config"]["contract"]["enforced"] is True


def test_every_column_is_described() -> None:
    assert all(column.get("description") for column in declared()["columns"])


def test_the_empty_tables_that_dbt_makes_are_those_of_the_identity_stage() -> None:
    """`create table if not exists` keeps whichever came first, so the two must not differ."""
    made = (ROOT / "dbt_project" / "macros" / "missing_identity_tables.sql").read_text()
    meant = (ROOT / "orchestration" / "identity_tables.sql").read_text()
    statements = re.findall(r"create table.*?\n\);", made, re.DOTALL)
    assert len(statements) == 3
    assert all(statement in meant for statement in statements)
