"""World tables to rows of Python values: times as the vendor writes them, joins as sets."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

AT: Final = "at"
"""The added column: the row's moment of change in microseconds since 1970."""

Z: Final = "%Y-%m-%dT%H:%M:%SZ"
MILLIS_Z: Final = "%Y-%m-%dT%H:%M:%S.000Z"
MILLIS_OFFSET: Final = "%Y-%m-%dT%H:%M:%S.000+0000"
OFFSET: Final = "%Y-%m-%dT%H:%M:%S+0000"


def text_times(table: pa.Table, pattern: str, *, keep: tuple[str, ...] = ()) -> pa.Table:
    """The table with timestamps written by `pattern` and dates as ISO; columns in `keep` stay what they are."""
    for index, field in enumerate(table.schema):
        column = table.column(index)
        if field.name in keep:
            continue
        if pa.types.is_timestamp(field.type):
            # Without a zone, strftime needs no time zone database, which a bare machine may lack.
            seconds = column.cast(pa.timestamp("us")).cast(pa.timestamp("s"), safe=False)
            table = table.set_column(index, field.name, pc.strftime(seconds, pattern))
        elif pa.types.is_date(field.type):
            table = table.set_column(index, field.name, pc.strftime(column, "%Y-%m-%d"))
    return table


def micros(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Timestamps as microseconds since 1970; null as 0."""
    return pc.fill_null(column.cast(pa.int64()), 0)


def rows(table: pa.Table, pattern: str, *, at: str) -> list[dict[str, Any]]:
    """The table's rows, times written by `pattern`, plus `AT` from the time column named `at`."""
    moments = micros(table.column(at))
    found: list[dict[str, Any]] = text_times(table, pattern).append_column(AT, moments).to_pylist()
    return found


def of_system(records: pa.Table, system: str, *entities: str) -> pa.Table:
    """The person records of one system, by entity."""
    chosen = pc.and_(
        pc.equal(records.column("system"), system), pc.is_in(records.column("entity"), pa.array(entities, pa.string()))
    )
    return records.filter(chosen)


def native(record_id: str | None) -> str | None:
    """The vendor's own id within a record id `<source>:<entity>:<native id>`."""
    return None if record_id is None else record_id.split(":", 2)[2]


def entity(record_id: str | None) -> str | None:
    """`<source>:<entity>` of a record id."""
    return None if record_id is None else record_id.rsplit(":", 1)[0]


def number(value: str) -> int | str:
    """A native id as the integer that vendors send; as it is when it is none."""
    return int(value) if value.isdigit() else value
