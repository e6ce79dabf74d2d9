"""Any table of people to the identity contract: columns recognised by their names and values, nothing by the file's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from identity.recognise.columns import ROW_ID, Column, read_columns
from identity.recognise.mapping_file import FIELDS, TableMapping, WrongMapping, nearest
from identity.recognise.records import fields_of, records_table
from identity.recognise.row_ids import RowIds, UnrecognisedTable, refuse_repeats, row_ids

__all__ = ["Column", "RecognisedTable", "UnrecognisedTable", "recognise"]

IGNORE: Final = "ignore"
"""What `--column name=ignore` leaves alone."""
_DEFAULT_SOURCE: Final = "table"


@dataclass(frozen=True)
class RecognisedTable:
    """A table as records, and how it was read.

    Attributes:
        records: per the identity contract, in the order of the input's rows.
        ids: what tells the rows apart.
        columns: every column of the input, used or not, and why.
        notices: what was assumed; each a sentence for the user.
    """

    records: pa.Table
    ids: RowIds
    columns: tuple[Column, ...]
    notices: tuple[str, ...]

    @property
    def mapping(self) -> dict[str, list[str]]:
        """Field to the columns that it was read from, in the order of the input."""
        found: dict[str, list[str]] = {}
        for column in self.columns:
            if column.field not in (None, ROW_ID):
                found.setdefault(str(column.field), []).append(column.name)
        return found


def recognise(
    table: pa.Table,
    id_column: str | None = None,
    *,
    ignored: set[str] | None = None,
    overrides: Mapping[str, str] | None = None,
    mapping: TableMapping | None = None,
    source: str | None = None,
    entity: str = "person",
    default_region: str = "US",
) -> RecognisedTable:
    """Turn a table of people into records of the identity contract.

    Args:
        table: one row per record, of any columns.
        id_column: the column that tells the rows apart; null finds one, or numbers the rows.
        ignored: columns to leave alone (the truth, when there is one).
        overrides: column name to field name (or `ignore`), for columns recognised wrongly or not at all.
        mapping: an entry of a mapping file; then only the columns that it or `overrides` name are used.
        source: the name of this table among several; null when it is the only one.
        entity: what a row is in that source, for its `record_id`.
        default_region: two letters, for phone numbers and days that do not say where they are from.

    Raises:
        UnrecognisedTable: if rows cannot be told apart or no column is recognised.
        WrongMapping: if `overrides` or `mapping` name a column or field that is not there.
    """
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    ids = row_ids(table, id_column or (mapping.id if mapping else None))
    overrides = dict(overrides or {})
    decided = _decided(table, overrides, mapping)
    skipped = dict.fromkeys(ignored or set(), "it says who is who: to measure, never to match")
    skipped |= {name: "you said so" for name, field in overrides.items() if field == IGNORE}
    columns = read_columns(
        table,
        row_id=ids.column,
        skipped=skipped,
        decided=decided,
        only_decided="the mapping" if mapping else None,
        region=default_region,
    )
    if not {column.field for column in columns} - {None, ROW_ID, "source", "country", "language"}:
        raise UnrecognisedTable(
            f"no column of {', '.join(table.column_names)} is recognised as a name, e-mail, phone, address or birth "
            "date; rename them, for instance to first_name, last_name, email, phone, dob, postcode, or say what they "
            "hold with --column name=field"
        )
    fields, notices = fields_of(columns, table.num_rows, default_region, mapping)
    sources = _sources(columns, source, table.num_rows)
    named = source is not None or any(column.field == "source" for column in columns)
    record_id = pc.binary_join_element_wise(sources, ids.ids, f":{entity}:") if named else ids.ids
    refuse_repeats(record_id, ids.name)
    return RecognisedTable(
        records_table(record_id, sources, entity, ids.ids, fields),
        ids,
        tuple(replace(column, values=None) for column in columns),
        (*([ids.notice] if ids.notice else []), *notices),
    )


def _sources(columns: list[Column], source: str | None, rows: int) -> pa.Array:
    inner = next((column.values.column for column in columns if column.field == "source" and column.values), None)
    if inner is None or pa.types.is_list(inner.type):
        return pa.repeat(source or _DEFAULT_SOURCE, rows)
    inner = pc.replace_substring(pc.fill_null(inner, _DEFAULT_SOURCE), ":", "_")
    return inner if source is None else pc.binary_join_element_wise(pa.scalar(source), inner, ".")


def _decided(
    table: pa.Table, overrides: Mapping[str, str], mapping: TableMapping | None
) -> dict[str, tuple[str, str | None]]:
    """Column to field and prefix, as people have said; `overrides` beat the mapping."""
    decided: dict[str, tuple[str, str | None]] = {}
    for field, column, prefix in mapping.columns() if mapping else []:
        _refuse_missing(table, column, f"fields.{field}")
        decided[column] = (field, prefix)
    for column, field in overrides.items():
        _refuse_missing(table, column, f"--column {column}={field}")
        if field not in (*FIELDS, "source", IGNORE):
            raise WrongMapping(f"--column {column}={field}: no such field{nearest(field, (*FIELDS, 'source', IGNORE))}")
        if field != IGNORE:
            decided[column] = (field, None)
    return decided


def _refuse_missing(table: pa.Table, column: str, said: str) -> None:
    if column not in table.column_names:
        raise WrongMapping(f"{said}: there is no column {column!r}{nearest(column, table.column_names)}")
