"""The two formats of dropped files: CSV, guarded against formulas, and Parquet, with types."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

_FORMULA: Final = re.compile(r"[=+@\t\r\n-]")
_PHONE: Final = re.compile(r"\+[0-9]+")


class FileFormat(StrEnum):
    """How a dropped file is written; the value is the end of its name."""

    CSV = "csv"
    PARQUET = "parquet"


def cell(value: Any) -> str | None:
    """A value as a CSV cell: lists with semicolons, and an apostrophe before what a spreadsheet would run."""
    if value is None or isinstance(value, bool | int | float):
        return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    text = ";".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return f"'{text}" if _FORMULA.match(text) and not _PHONE.fullmatch(text) else text


def read_csv(content: bytes, numbers: Iterable[str] = ()) -> pa.Table:
    """A CSV file's content as a table of texts, `numbers` as doubles; an empty cell is null unless it was quoted."""
    names = next(csv.reader([content.partition(b"\n")[0].decode()]))
    kinds = {name: pa.float64() if name in set(numbers) else pa.string() for name in names}
    return pacsv.read_csv(
        pa.BufferReader(content),
        parse_options=pacsv.ParseOptions(newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            column_types=kinds, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
        ),
    )


def write(table: pa.Table, path: Path, file_format: FileFormat) -> None:
    """Write a table; its columns must already be what the format takes."""
    if file_format is FileFormat.PARQUET:
        pq.write_table(table, path, compression="zstd")
    else:
        pacsv.write_csv(table, path, pacsv.WriteOptions(quoting_style="needed"))
