"""JSON lines: one object per line; nested objects become columns of their own, named `outer.inner`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import duckdb

from identity.tables.errors import ReadTable, UnreadableTable

_DEEPEST: Final = 4
_LARGEST_LINE: Final = 1 << 28


def read_json_lines(path: Path) -> ReadTable:
    """Read a JSON lines file: texts and numbers as text, arrays of them as lists.

    Raises:
        UnreadableTable: with the number of the line that is no JSON object.
    """
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        try:
            # Values stay JSON at first: what a column is, all its values say, and no date is guessed from a sample.
            connection.execute(
                "create temp table lines as select * from read_json(?, format = 'newline_delimited', "
                f"records = true, sample_size = -1, maximum_depth = 1, maximum_object_size = {_LARGEST_LINE})",
                [str(path)],
            )
        except duckdb.Error:
            raise UnreadableTable(f"{path} cannot be read as JSON lines{_where(path)}") from None
        columns = [str(row[0]) for row in connection.execute("describe lines").fetchall()]
        selected = [part for column in columns for part in _flattened(connection, column, _quoted(column), 1)]
        return ReadTable(path, connection.sql(f"select {', '.join(selected)} from lines").to_arrow_table())


def _flattened(connection: duckdb.DuckDBPyConnection, name: str, value: str, depth: int) -> list[str]:
    """What to select for one column: itself, or the columns of its objects."""
    kinds = {
        str(kind)
        for (kind,) in connection.execute(f"select distinct json_type({value}::json) from lines").fetchall()
        if kind not in (None, "NULL")
    }
    if kinds == {"OBJECT"} and depth < _DEEPEST:
        keys = connection.execute(
            f"select distinct unnest(json_keys({value}::json)) as key from lines order by key"
        ).fetchall()
        return [
            part
            for (key,) in keys
            for part in _flattened(connection, f"{name}.{key}", f"({value}::json -> {_path(key)})", depth + 1)
        ]
    if "ARRAY" in kinds:
        lists = f"case json_type({value}::json) when 'ARRAY' then list_transform(from_json({value}::json, '[\"JSON\"]')"
        return [
            f"{lists}, lambda one: one ->> '$') when 'NULL' then null else [{value}::json ->> '$'] end "
            f"as {_quoted(name)}"
        ]
    return [f"{value}::json ->> '$' as {_quoted(name)}"]


def _path(key: str) -> str:
    return "'" + '$."' + key.replace("'", "''").replace('"', '\\"') + '"' + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _where(path: Path) -> str:
    """The first line that is no object; found here because DuckDB may repeat the line, which may be somebody's data."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                if not line.strip() or isinstance(json.loads(line), dict):
                    continue
            except (ValueError, RecursionError):
                pass
            return f": line {number:,} is no JSON object; every line must be one"
    return "; every line must be one JSON object"
