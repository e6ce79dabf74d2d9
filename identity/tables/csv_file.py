"""CSV as it comes: any separator, any usual encoding, quoted line breaks, huge fields; every value stays text."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from identity.tables.errors import ReadTable, UnreadableTable

_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SEPARATORS: Final = ",;\t|"
_HEAD: Final = 1 << 20
_BLOCK: Final = 8 << 20
_LARGEST_BLOCK: Final = (1 << 31) - 1
_SHOWN: Final = 5
# What stands in a row of data and hardly ever in a header: an e-mail address, a day, a long number.
_DATUM: Final = re.compile(r"\S+@\S+\.\S+|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\+?[\d ()-]{7,}|\d+")


def read_csv(path: Path, *, encoding: str | None, delimiter: str | None) -> ReadTable:
    """Read a CSV file; `encoding` and `delimiter` are found out when null.

    Raises:
        UnreadableTable: with the numbers of the first rows that do not fit the header, and of a quotation mark that
            is never closed.
    """
    head = path.open("rb").read(_HEAD)
    notices = []
    if encoding is None:
        encoding = next((name for bom, name in _BOMS if head.startswith(bom)), None)
    for tried in [encoding] if encoding else ["utf-8", "cp1252", "latin-1"]:
        try:
            separator = delimiter or _separator(path, head, tried)
            table = _parse(path, tried, separator)
        except (UnicodeError, LookupError):
            continue
        if encoding is None and tried != "utf-8":
            notices.append(f"it is not UTF-8; read as {tried} (say otherwise with --encoding)")
        if separator != ",":
            notices.append(f"columns are separated by {_named(separator)}")
        return ReadTable(path, table, tuple(notices))
    raise UnreadableTable(f"{path} is not text in {encoding}; name its encoding with --encoding, for instance latin-1")


def _parse(path: Path, encoding: str, separator: str) -> pa.Table:
    ragged: list[tuple[int, int, int]] = []

    def note(row: pacsv.InvalidRow) -> str:
        ragged.append((row.number, row.actual_columns, row.expected_columns))
        return "skip"

    block = _BLOCK
    while True:
        ragged.clear()
        try:
            table = pacsv.read_csv(
                path,
                # Rows are numbered only where one thread reads them.
                read_options=pacsv.ReadOptions(use_threads=False, block_size=block, encoding=_codec(encoding)),
                parse_options=pacsv.ParseOptions(
                    delimiter=separator, newlines_in_values=True, invalid_row_handler=note
                ),
                convert_options=pacsv.ConvertOptions(
                    null_values=[""], strings_can_be_null=True, default_column_type=pa.string()
                ),
            )
            break
        except pa.ArrowInvalid as error:
            said = str(error)
            if "straddling" in said and block < _LARGEST_BLOCK:
                block = min(block * 8, _LARGEST_BLOCK)
                continue
            if "invalid UTF8" in said:
                raise UnicodeError from None
            if "Empty CSV" in said:
                raise UnreadableTable(f"{path} holds nothing but empty lines") from None
            raise UnreadableTable(f"{path} cannot be read as CSV separated by {_named(separator)}") from None
    _refuse_ragged(path, ragged)
    _refuse_open_quote(path, table)
    _refuse_missing_header(path, table)
    return table


def _codec(encoding: str) -> str:
    # Arrow drops the mark at the start of UTF-8 itself; Python's decoder drops the one of UTF-16.
    name = codecs.lookup(encoding).name
    return "utf8" if name in ("utf-8", "utf-8-sig") else name


def _separator(path: Path, head: bytes, encoding: str) -> str:
    """The sign that cuts the first line into the most columns; a comma when none does."""
    text = codecs.getincrementaldecoder(encoding)().decode(head)
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    if not lines:
        raise UnreadableTable(f"{path} holds nothing but empty lines")
    return max(_SEPARATORS, key=lambda sign: (_columns(lines[0], sign), -_SEPARATORS.index(sign)))


def _columns(line: str, separator: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=separator), []))
    except csv.Error:  # a field beyond the module's limit
        return line.count(separator) + 1


def _named(separator: str) -> str:
    return {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas"}.get(separator, repr(separator))


def _refuse_ragged(path: Path, ragged: list[tuple[int, int, int]]) -> None:
    if not ragged:
        return
    rows = "; ".join(f"row {number} has {actual}" for number, actual, _ in ragged[:_SHOWN])
    more = f"; {len(ragged) - _SHOWN} more" if len(ragged) > _SHOWN else ""
    raise UnreadableTable(
        f"{path}: {len(ragged)} rows do not have the {ragged[0][2]} values of the header: {rows}{more} (the header is "
        "row 1, empty lines do not count). Put values that hold the separator or a line break in quotation marks"
    )


def _refuse_open_quote(path: Path, table: pa.Table) -> None:
    """A quotation mark that is never closed swallows the rest of the file into the last row."""
    if not table.num_rows:
        return
    last = table.slice(table.num_rows - 1)
    swallowed = any(pc.any(pc.match_substring(column, "\n")).as_py() for column in last.columns)
    if swallowed and sum(block.count(b'"') for block in _blocks(path)) % 2:
        raise UnreadableTable(
            f"{path}: a quotation mark opens in row {table.num_rows + 1} (the header is row 1) and is never closed"
        )


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(_BLOCK), b"")


def _refuse_missing_header(path: Path, table: pa.Table) -> None:
    data = [name for name in table.column_names if _DATUM.fullmatch(name.strip())]
    if data and ("@" in "".join(data) or 2 * len(data) >= table.num_columns):
        raise UnreadableTable(
            f"{path}: the first line looks like a row of data, not like the names of columns; add a line of names"
        )
