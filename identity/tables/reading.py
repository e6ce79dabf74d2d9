"""Any file of rows to an Arrow table, by its suffix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from identity.tables.csv_file import read_csv
from identity.tables.errors import ReadTable, UnreadableTable
from identity.tables.json_lines import read_json_lines

CSV_SUFFIXES: Final = (".csv", ".tsv")
PARQUET_SUFFIXES: Final = (".parquet", ".pq")
JSON_SUFFIXES: Final = (".jsonl", ".ndjson")
SUFFIXES: Final = (*CSV_SUFFIXES, *PARQUET_SUFFIXES, *JSON_SUFFIXES)


def read_table(path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> ReadTable:
    """Read a CSV or TSV, a Parquet or a JSON lines file.

    Args:
        path: the suffix says what it is.
        encoding: of a CSV file; null finds out.
        delimiter: of a CSV file; null finds out.

    Raises:
        FileNotFoundError: if it is not there.
        UnreadableTable: if it is no table with at least one row.
    """
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    if path.is_dir():
        raise UnreadableTable(f"{path} is a folder; name the files in it")
    if path.suffix.lower() not in SUFFIXES:
        raise UnreadableTable(f"{path} is neither {either(SUFFIXES)}; save it as one of them")
    if path.stat().st_size == 0:
        raise UnreadableTable(f"{path} is empty: 0 bytes")
    read = _reader(path.suffix.lower(), encoding, delimiter)(path)
    if not read.table.num_columns:
        raise UnreadableTable(f"{path} holds no columns")
    if not read.table.num_rows:
        raise UnreadableTable(f"{path} holds the names of {read.table.num_columns} columns and no rows")
    table, notices = _with_names_of_their_own(read.table)
    return ReadTable(path, table, (*read.notices, *notices))


def either(suffixes: tuple[str, ...]) -> str:
    """`.csv, .tsv nor .parquet`."""
    return f"{', '.join(suffixes[:-1])} nor {suffixes[-1]}"


def _reader(suffix: str, encoding: str | None, delimiter: str | None) -> Callable[[Path], ReadTable]:
    if suffix in PARQUET_SUFFIXES:
        return _read_parquet
    if suffix in JSON_SUFFIXES:
        return read_json_lines
    delimiter = "\t" if suffix == ".tsv" and delimiter is None else delimiter
    return lambda path: read_csv(path, encoding=encoding, delimiter=delimiter)


def _read_parquet(path: Path) -> ReadTable:
    try:
        return ReadTable(path, pq.read_table(path))
    except (pa.ArrowException, OSError) as error:
        raise UnreadableTable(f"{path} cannot be read as parquet: {str(error).splitlines()[0]}") from None


def _with_names_of_their_own(table: pa.Table) -> tuple[pa.Table, list[str]]:
    """Columns without a name, or with one that came before, get one that says where they stand."""
    names: list[str] = []
    notices: list[str] = []
    for place, given in enumerate(table.column_names, start=1):
        name = given.strip() or f"column_{place}"
        if name in names:
            name = next(f"{name}_{n}" for n in range(2, place + 2) if f"{name}_{n}" not in names)
        if name != given:
            notices.append(f"column {place} is called {name!r} here: its header is {_said(given)}")
        names.append(name)
    return table.rename_columns(names), notices


def _said(header: str) -> str:
    if not header.strip():
        return "empty"
    return "surrounded by spaces" if header != header.strip() else "taken by an earlier column"
