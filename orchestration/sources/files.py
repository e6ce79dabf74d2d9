"""Files of any system: a folder of CSV, JSONL or Parquet with a `mapping.yml`, into the canonical fields.

A file is read when its content or its part of the mapping changed; what it holds is merged by id. Values stay text:
staging judges them, as it does a vendor's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import dlt
import duckdb
import pyarrow as pa
from dlt.extract import DltResource

from orchestration.sources.errors import SourceError, redact
from orchestration.sources.file_mapping import FileMapping, nearest, read_mapping
from orchestration.sources.file_payloads import raw_table_sql, record_id_sql
from orchestration.sources.file_tables import connect, quoted, read
from orchestration.sources.rows import RAW_TABLE
from orchestration.sources.streams import STREAMS

_VERSION: Final = "1"  # of what is made of a file: a new one reads every file again
_BATCH: Final = 50_000


@dlt.source
def files(folder: Path) -> Sequence[DltResource]:
    """Resources `people` and `interactions`: the rows of the folder's new and changed files."""

    def resource(kind: str) -> DltResource:
        def pages() -> Iterator[pa.Table]:
            yield from _changed(folder, kind)

        return dlt.resource(pages, name=kind, **RAW_TABLE)

    return [resource(kind) for kind in STREAMS["files"]]


def _changed(folder: Path, kind: str) -> Iterator[pa.Table]:
    seen: dict[str, str] = dlt.current.resource_state().setdefault("fingerprints", {})
    entries = [(place, entry) for place, entry in enumerate(read_mapping(folder).files) if entry.kind == kind]
    # dlt keeps the state only when the whole extraction succeeds.
    for place, entry in entries:
        for path in paths(folder, entry):
            key, print_now = f"{place}:{path.relative_to(folder).as_posix()}", _fingerprint(path, entry)
            if seen.get(key) == print_now:
                continue
            yield from _raw_tables(path, entry)
            seen[key] = print_now


def paths(folder: Path, entry: FileMapping) -> list[Path]:
    """The files of an entry, by name.

    Raises:
        SourceError: if there is none.
    """
    found = sorted(path for path in folder.glob(entry.glob) if path.is_file())
    if not found:
        raise SourceError(
            "files",
            entry.stream,
            f"no file in {folder} matches '{entry.glob}' (source '{entry.source}')",
            "Put the file there, correct `glob`, or take the entry out of the mapping",
        )
    return found


def _fingerprint(path: Path, entry: FileMapping) -> str:
    with path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    return hashlib.sha256(f"{_VERSION}\n{content}\n{entry.model_dump_json()}".encode()).hexdigest()


def _raw_tables(path: Path, entry: FileMapping) -> Iterator[pa.Table]:
    with connect() as connection:
        columns = _read_checked(connection, path, entry)
        for batch in connection.sql(raw_table_sql(entry, columns)).to_arrow_reader(_BATCH):
            yield pa.Table.from_batches([batch])


def _read_checked(connection: duckdb.DuckDBPyConnection, path: Path, entry: FileMapping) -> list[str]:
    columns = read(connection, path, entry)
    for column, key in entry.columns().items():
        if column not in columns:
            raise SourceError(
                "files",
                entry.stream,
                f"{path.name} (source '{entry.source}') has no column '{column}', which the mapping names at {key}"
                + redact_columns(column, columns),
                "Correct the mapping, or the file if the column was renamed",
            )
    return columns


def redact_columns(column: str, columns: Sequence[str]) -> str:
    """The nearest columns; without a header line, they are values of a person."""
    return nearest(column, [name for name in columns if redact(name) == name])


def truth(folder: Path) -> pa.Table:
    """Who is who, for evaluation only: the `truth` column of every file of people that names one; it is never loaded.

    Args:
        folder: as in `BRAID_FILES`.

    Returns:
        `record_id, person_id`, both text; no rows when no file has a truth.

    Raises:
        SourceError: if the mapping or a file cannot be read.
    """
    tables = [pa.table({"record_id": pa.array([], pa.string()), "person_id": pa.array([], pa.string())})]
    for entry in read_mapping(folder).files:
        if entry.truth is None:
            continue
        for path in paths(folder, entry):
            with connect() as connection:
                _read_checked(connection, path, entry)
                known = f"{record_id_sql(entry)} is not null and {quoted(entry.truth)} is not null"
                found = connection.sql(
                    f"select {record_id_sql(entry)} as record_id, {quoted(entry.truth)} as person_id "
                    f"from rows where {known}"
                )
                tables.append(found.to_arrow_table().cast(tables[0].schema))
    return pa.concat_tables(tables)
