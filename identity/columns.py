"""Functions of one value applied to whole Arrow columns: each distinct value is worked on once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

Column: TypeAlias = "pa.Array | pa.ChunkedArray"


def one_array(column: Column) -> pa.Array:
    """The column as one contiguous array."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def each_distinct(column: Column, function: Callable[[Any], Any], kind: pa.DataType) -> pa.Array:
    """Map a column through `function`, called once per distinct value; null stays null."""
    encoded = one_array(column).dictionary_encode()
    mapped = pa.array([function(value) for value in encoded.dictionary.to_pylist()], type=kind)
    return mapped.take(encoded.indices)


def exploded(table: pa.Table, key: str, column: str) -> pa.Table:
    """One row per member of a list column: `key`, `position` (row of `table`) and `value`; nulls left out."""
    lists = one_array(table[column])
    parents = pc.list_parent_indices(lists)
    values = pc.list_flatten(lists)
    rows = pa.table({key: one_array(table[key]).take(parents), "position": parents, "value": values})
    return rows.filter(pc.is_valid(rows["value"]))


def as_lists(rows: pa.Array, values: pa.Array, count: int) -> pa.Array:
    """Gather `values` into one sorted list without repeats per row number; null for a row with none."""
    pairs = pa.table({"row": rows.cast(pa.int64()), "value": values})
    pairs = pairs.filter(pc.is_valid(pairs["value"])).group_by(["row", "value"]).aggregate([])
    pairs = pairs.sort_by([("row", "ascending"), ("value", "ascending")])
    lists = pairs.group_by("row", use_threads=False).aggregate([("value", "list")])
    found = pc.index_in(pa.array(range(count), pa.int64()), one_array(lists["row"]))
    return one_array(lists["value_list"]).take(found)


def text_or_null(table: pa.Table, column: str, mapping: Callable[[str], str | None]) -> pa.Array:
    """A text column through `mapping`, once per distinct value."""
    return each_distinct(table[column].cast(pa.string()), mapping, pa.string())


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Columns of `schema` in its order and types; an optional column that is missing is null.

    Raises:
        ValueError: if a required column is missing, holds nulls, or a column cannot be cast.
    """
    arrays: list[Column] = []
    for field in schema:
        if field.name not in table.column_names:
            if not field.nullable:
                raise ValueError(f"column {field.name} is missing; identity needs {required(schema)}")
            arrays.append(pa.nulls(table.num_rows, field.type))
            continue
        column = table[field.name]
        if not field.nullable and column.null_count:
            raise ValueError(f"column {field.name} holds {column.null_count} empty values; every row needs one")
        try:
            arrays.append(column.cast(field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise ValueError(f"column {field.name} is {column.type} and cannot be read as {field.type}") from error
    return pa.table(arrays, schema=schema)


def required(schema: pa.Schema) -> str:
    """The names of the required columns, for messages."""
    names: Iterable[str] = (field.name for field in schema if not field.nullable)
    return ", ".join(names)
