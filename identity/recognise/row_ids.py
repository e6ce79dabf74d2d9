"""What tells the rows of a table apart: a column that was named, one that can be told, or the number of the row."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from identity.columns import one_array
from identity.recognise.headers import words_of
from identity.recognise.vocabulary import ID_NAMES

_SHOWN: Final = 5
ROW: Final = "row"


class UnrecognisedTable(ValueError):
    """The table's rows cannot be told apart, or no column says anything about a person."""


@dataclass(frozen=True)
class RowIds:
    """`ids`: one text per row; `column`: where they come from, null for row numbers; `name`: what to call them."""

    ids: pa.Array
    column: str | None
    name: str
    notice: str | None = None


def row_ids(table: pa.Table, named: str | None) -> RowIds:
    """The ids of the rows; when no column is `named`, the best one there is, else the rows are numbered from 1.

    Raises:
        UnrecognisedTable: if the named column is not there, cannot be read, or is empty in a row.
    """
    if named is not None:
        return RowIds(_ids(table, named), named, named)
    for candidate in _candidates(table.column_names):
        ids = _text_or_none(table, candidate)
        if ids is not None and not _empty_rows(ids) and pc.count_distinct(ids).as_py() == len(ids):
            notice = None if candidate == ID_NAMES[0] else f"rows are told apart by column {candidate!r}"
            return RowIds(ids, candidate, candidate, notice)
    numbers = pa.array(range(1, table.num_rows + 1), pa.int64()).cast(pa.string())
    name = ROW if ROW not in table.column_names else "row_number"
    return RowIds(
        numbers, None, name, "no column tells every row apart, so rows are numbered from 1; name one with --id-column"
    )


def refuse_repeats(record_id: pa.Array, column: str) -> None:
    """Every record needs an id of its own.

    Raises:
        UnrecognisedTable: with the first rows that share one.
    """
    counts = record_id.value_counts()
    repeated = counts.filter(pc.greater(counts.field("counts"), 1))
    if not len(repeated):
        return
    first = repeated[0]["values"]
    rows = pc.indices_nonzero(pc.equal(record_id, first)).to_pylist()
    raise UnrecognisedTable(
        f"column {column!r} repeats values: {len(repeated):,} ids stand on more than one row, the first of them on "
        f"rows {_listed([row + 1 for row in rows])}; every row needs an id of its own. "
        "Leave --id-column out to number them"
    )


def _candidates(names: list[str]) -> list[str]:
    plain = {"_".join(words_of(name)): name for name in reversed(names)}
    return [plain[known] for known in ID_NAMES if known in plain]


def _ids(table: pa.Table, column: str) -> pa.Array:
    if column not in table.column_names:
        near = difflib.get_close_matches(column, table.column_names, 1, 0.6)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise UnrecognisedTable(
            f"there is no column {column!r}{hint}; the columns are {', '.join(table.column_names)}. Leave --id-column "
            "out to let one be found, or the rows be numbered"
        )
    ids = _text_or_none(table, column)
    if ids is None:
        raise UnrecognisedTable(f"column {column!r} is {table[column].type} and cannot tell rows apart")
    empty = _empty_rows(ids)
    if empty:
        raise UnrecognisedTable(
            f"column {column!r} is empty in {len(empty)} rows ({_listed(empty)}); every row needs an id"
        )
    return ids


def _text_or_none(table: pa.Table, column: str) -> pa.Array | None:
    kind = table[column].type
    if pa.types.is_nested(kind) or pa.types.is_null(kind):
        return None
    try:
        return one_array(table[column].cast(pa.string()))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _empty_rows(ids: pa.Array) -> list[int]:
    blank = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(ids), ""), True)
    return [row + 1 for row in pc.indices_nonzero(blank).to_pylist()]


def _listed(rows: list[int]) -> str:
    shown = ", ".join(f"{row:,}" for row in rows[:_SHOWN])
    return f"{shown} and {len(rows) - _SHOWN:,} more" if len(rows) > _SHOWN else shown
