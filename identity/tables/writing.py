"""Arrow tables to files, by their suffix."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from identity.tables.errors import UnreadableTable

_SUFFIXES: Final = (".csv", ".parquet", ".jsonl")


def refuse_unwritable(path: Path) -> None:
    """Before any work is done: can this file be written?

    Raises:
        UnreadableTable: if its suffix is not one that can be written, or it is a folder.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise UnreadableTable(f"{path} is neither .csv nor .parquet nor .jsonl")
    if path.is_dir():
        raise UnreadableTable(f"{path} is a folder; name a file in it")


def write_table(table: pa.Table, path: Path) -> None:
    """Write `table` as CSV, JSON lines or Parquet; folders are made.

    Raises:
        UnreadableTable: if the suffix is none of those.
    """
    refuse_unwritable(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".csv":
        pacsv.write_csv(table, path)
    elif path.suffix.lower() == ".jsonl":
        with duckdb.connect() as connection:
            connection.register("rows", table)
            connection.execute(f"copy rows to '{str(path).replace(chr(39), chr(39) * 2)}' (format json)")
    else:
        pq.write_table(table, path)
