"""Reads one file into DuckDB as text: a table of its columns, and a table of the lines that are no rows.

Nothing is guessed: every value stays the text that the file has, and a line that cannot be read stays a line.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import duckdb

from orchestration.sources.errors import SourceError
from orchestration.sources.file_mapping import FileMapping
from orchestration.sources.file_sql import quoted, quoted_text
from orchestration.sources.file_values import locate

ROW_NUMBER: Final = "__row"
SUFFIXES: Final = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
_DELIMITERS: Final = (",", ";", "\t", "|")
_NOWHERE: Final = "\x1f"  # separates nothing: the whole line is one value


def connect() -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that fetches nothing from anywhere."""
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": False, "autoload_known_extensions": False, "threads": 2}
    )
    connection.execute("set TimeZone = 'UTC'")
    return connection


def read(
    connection: duckdb.DuckDBPyConnection, path: Path, entry: FileMapping, needed: Sequence[str] | None = None
) -> list[str]:
    """Create the tables `rows` (the file's columns and `__row`, all in file order) and `unread` (`line`, `reason`).

    Args:
        connection: of `connect`.
        path: of the file.
        entry: of the mapping, which says how to read it.
        needed: the columns of JSON lines that are used; the others are left aside. None: all.

    Returns:
        The file's columns.

    Raises:
        SourceError: if the file as a whole cannot be read.
    """
    for table in ("rows", "unread", "reject_errors", "reject_scans", "lines"):
        connection.execute(f"drop table if exists {table}")
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise _unreadable(
            path, entry, f"'{path.suffix}' is no known kind of file", "Use .csv, .txt, .jsonl or .parquet"
        )
    try:
        if kind == "jsonl":
            return _jsonl(connection, path, entry, needed)
        return {"csv": _csv, "parquet": _parquet}[kind](connection, path, entry)
    except (duckdb.Error, OSError, UnicodeError, csv.Error) as error:
        # DuckDB repeats lines of the file in its messages, so only the kind of error is passed on.
        reason = f"it cannot be read as {kind} ({type(error).__name__})"
        raise _unreadable(path, entry, reason, "Check that the file is complete, and its encoding") from None


def _unreadable(path: Path, entry: FileMapping, reason: str, advice: str) -> SourceError:
    return SourceError("files", entry.stream, f"{path.name} (source '{entry.source}'): {reason}", advice)


def _csv(connection: duckdb.DuckDBPyConnection, path: Path, entry: FileMapping) -> list[str]:
    delimiter, header = _header(path, entry)
    doubled = [name for name, times in Counter(header).items() if times > 1]
    if doubled:
        raise _unreadable(path, entry, "two columns have the same name", "Name every column differently")
    quote = quoted_text("" if entry.quote == "none" else entry.quote)
    connection.execute(
        f"""create table rows as
        select *, row_number() over () as {ROW_NUMBER}
        from read_csv(
          $path, header = true, auto_detect = false, columns = {_struct(header)}, delim = {quoted_text(delimiter)},
          quote = {quote}, escape = {quote}, encoding = '{entry.encoding}', store_rejects = true, null_padding = false
        )""",
        {"path": str(path)},
    )
    connection.execute(
        """create table unread as
        select any_value(csv_line) as line, 'not a row of the file: ' || lower(min(error_type::varchar)) as reason
        from reject_errors group by file_id, line"""
    )
    return header


def _header(path: Path, entry: FileMapping) -> tuple[str, list[str]]:
    """The delimiter and the columns: of the delimiters, the one that finds most of the columns that are mapped."""
    encoding = "utf-8-sig" if entry.encoding == "utf-8" else entry.encoding
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        first = file.readline()
    if not first.strip():
        raise _unreadable(path, entry, "it is empty", "The first line must name the columns")
    wanted = entry.columns().keys()
    read_with = {
        delimiter: [name.strip() for name in next(csv.reader([first], delimiter=delimiter))]
        for delimiter in ((entry.delimiter,) if entry.delimiter else _DELIMITERS)
    }
    return max(
        read_with.items(), key=lambda item: (sum(locate(name, item[1]) is not None for name in wanted), len(item[1]))
    )


def _jsonl(
    connection: duckdb.DuckDBPyConnection, path: Path, entry: FileMapping, needed: Sequence[str] | None
) -> list[str]:
    connection.execute(
        f"""create table lines as
        select
          line,
          case when json_valid(line) then json_type(line) = 'OBJECT' else false end as good,
          row_number() over () as {ROW_NUMBER}
        from read_csv(
          $path, header = false, auto_detect = false, columns = {{'line': 'VARCHAR'}}, delim = '{_NOWHERE}', quote = '',
          escape = '', encoding = '{entry.encoding}', store_rejects = true, null_padding = false
        ) where trim(line) <> ''""",
        {"path": str(path)},
    )
    found = connection.execute("select distinct unnest(json_keys(line)) as key from lines where good order by key")
    columns = [key for (key,) in found.fetchall()]
    picked = [name for name in columns if needed is None or name in needed]
    pointers = ", ".join(quoted_text(_pointer(name)) for name in picked)
    # All at once, so that each line is parsed once.
    values = f"json_extract_string(line, [{pointers}])" if picked else "[]"
    named = "".join(f"found[{place}] as {quoted(name)}, " for place, name in enumerate(picked, 1))
    connection.execute(
        f"create table rows as select {named}{ROW_NUMBER} "
        f"from (select {ROW_NUMBER}, {values} as found from lines where good)"
    )
    connection.execute(
        """create table unread as
        select line, 'not a JSON object' as reason from lines where not good
        union all
        select any_value(csv_line), 'not a line of text: ' || lower(min(error_type::varchar))
        from reject_errors group by file_id, line"""
    )
    return columns


def _parquet(connection: duckdb.DuckDBPyConnection, path: Path, _: FileMapping) -> list[str]:
    scan = connection.execute("describe select * from read_parquet($path)", {"path": str(path)}).fetchall()
    columns = [(name, kind) for name, kind, *_ in scan]
    picked = "".join(
        f"{'to_json' if kind.endswith(']') or kind.startswith(('STRUCT', 'MAP')) else ''}({quoted(name)})::varchar "
        f"as {quoted(name)}, "
        for name, kind in columns
    )
    connection.execute(
        f"create table rows as select {picked}row_number() over () as {ROW_NUMBER} from read_parquet($path)",
        {"path": str(path)},
    )
    connection.execute("create table unread (line varchar, reason varchar)")
    return [name for name, _ in columns]


def _pointer(key: str) -> str:
    """A JSON pointer to a key, which may hold anything."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _struct(columns: list[str]) -> str:
    return "{" + ", ".join(f"{quoted_text(name)}: 'VARCHAR'" for name in columns) + "}"
