"""What is asked, as one row of the identity contract."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import pyarrow as pa

from identity.columns import conform
from identity.contract import IDENTITY_RECORDS

_UNKNOWN: Final = "?"
"""What a record that nobody has seen yet is called, and its source."""


def as_record(record: Mapping[str, Any] | pa.Table) -> pa.Table:
    """A row per `contract.IDENTITY_RECORDS` from a mapping or a table of one row; what is missing is null or empty.

    A single text will do where the contract has a list, and a day written `YYYY-MM-DD` for a date.

    Raises:
        ValueError: if there is another number of rows, a column that the contract does not know, or a value that it
            cannot hold; the message names columns, never values.
    """
    if isinstance(record, pa.Table):
        if record.num_rows != 1:
            raise ValueError(f"a look-up is about one record, the table has {record.num_rows} rows")
        record = record.to_pylist()[0]
    unknown = sorted(set(record) - set(IDENTITY_RECORDS.names))
    if unknown:
        raise ValueError(f"unknown columns {', '.join(unknown)}; there are {', '.join(IDENTITY_RECORDS.names)}")
    columns = {field.name: _column(field, record.get(field.name)) for field in IDENTITY_RECORDS}
    return conform(pa.table(columns), IDENTITY_RECORDS)


def _column(field: pa.Field, value: Any) -> pa.Array:
    if value is None and not field.nullable:
        value = _UNKNOWN
    if pa.types.is_list(field.type):
        value = [] if value is None else [value] if isinstance(value, str) else value
    try:
        if pa.types.is_date(field.type) and isinstance(value, str):
            value = date.fromisoformat(value)
        return pa.array([value], field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, ValueError, TypeError):
        # The cause would show the value.
        raise ValueError(f"column {field.name} holds no {field.type}") from None
