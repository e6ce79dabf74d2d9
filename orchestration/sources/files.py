"""Files of any system: a folder of CSV, JSONL or Parquet with a `mapping.yml`, into the canonical fields.

A file is read when its content or its part of the mapping changed; what it holds is merged by id. Values stay text:
staging judges them, as it does a vendor's. Of each file it is told how many rows no entry takes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import dlt
import duckdb
import pyarrow as pa
from dlt.extract import DltResource

from orchestration.sources.errors import SourceError, redact
from orchestration.sources.file_mapping import FileMapping, read_mapping
from orchestration.sources.file_mistakes import nearest
from orchestration.sources.file_payloads import raw_table_sql, record_id_sql, seen_columns, taken_sql
from orchestration.sources.file_sql import Expressions
from orchestration.sources.file_tables import connect, read
from orchestration.sources.file_values import Column
from orchestration.sources.rows import RAW_TABLE, into

KINDS: Final = ("people", "interactions")
_VERSION: Final = "2"  # of what is made of a file: a new one reads every file again
_BATCH: Final = 50_000


@dataclass(frozen=True)
class Part:
    """A file, and the entries of one kind that read it in the same way."""

    path: Path
    name: str
    entries: tuple[tuple[int, FileMapping], ...]
    others: tuple[FileMapping, ...]
    """Every entry of the mapping for this file: who takes a row is told of all of them."""
    tells: bool
    """Whether this part is the one that tells what became of the file's rows and of the lines that are none."""


@dlt.source
def files(folder: Path) -> Sequence[DltResource]:
    """Resources `people` and `interactions`: the rows of the folder's new and changed files.

    With them comes the table `read_files`: per file how many rows it has, and how many no entry takes.
    """

    def resource(kind: str) -> DltResource:
        def pages() -> Iterator[Any]:
            yield from _changed(folder, kind)

        return dlt.resource(pages, name=kind, **RAW_TABLE)

    return [resource(kind) for kind in KINDS]


def _changed(folder: Path, kind: str) -> Iterator[Any]:
    seen: dict[str, str] = dlt.current.resource_state().setdefault("fingerprints", {})
    # dlt keeps the state only when the whole extraction succeeds.
    for part in parts(folder, read_mapping(folder).files, kind):
        content = _digest(part.path)
        prints = {f"{place}:{part.name}": _fingerprint(content, entry) for place, entry in part.entries}
        due = {place for place, _ in part.entries if seen.get(key := f"{place}:{part.name}") != prints[key]}
        account = {f"rows:{part.name}": _fingerprint(content, *part.others)} if part.tells else {}
        if not due and all(seen.get(key) == now for key, now in account.items()):
            continue
        yield from _read(part, due)
        seen.update(prints | account)


def _read(part: Part, due: set[int]) -> Iterator[Any]:
    """The raw tables of the entries whose turn it is, and what became of the file's rows."""
    with connect() as connection:
        columns = _read_checked(connection, part)
        for place, entry in part.entries:
            if place in due:
                unread = part.tells and place == part.entries[0][0]
                query = connection.sql(raw_table_sql(entry, columns, unread=unread))
                for batch in query.to_arrow_reader(_BATCH):
                    yield pa.Table.from_batches([batch])
        if part.tells:
            yield into("read_files", [_account(connection, part, columns)])


def parts(folder: Path, entries: Sequence[FileMapping], kind: str) -> list[Part]:
    """What to read, in the order of the mapping."""
    entries_of: dict[Path, list[tuple[int, FileMapping]]] = {}
    for place, entry in enumerate(entries):
        for path in paths(folder, entry):
            entries_of.setdefault(path, []).append((place, entry))
    found = []
    for path, placed in entries_of.items():
        alike: dict[tuple[object, ...], list[tuple[int, FileMapping]]] = {}
        for place, entry in placed:
            if entry.kind == kind:
                alike.setdefault((entry.encoding, entry.delimiter, entry.quote), []).append((place, entry))
        for group in alike.values():
            found.append(
                Part(
                    path,
                    path.relative_to(folder).as_posix(),
                    tuple(group),
                    tuple(entry for _, entry in placed),
                    tells=group[0][0] == placed[0][0],
                )
            )
    return found


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


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fingerprint(content: str, *entries: FileMapping) -> str:
    said = "\n".join(entry.model_dump_json() for entry in entries)
    return hashlib.sha256(f"{_VERSION}\n{content}\n{said}".encode()).hexdigest()


def _account(connection: duckdb.DuckDBPyConnection, part: Part, columns: Sequence[str]) -> dict[str, Any]:
    taken = " or ".join(f"({taken_sql(entry, columns)})" for entry in part.others)
    counted = connection.execute(f"select count(*), count(*) filter (where {taken}) from rows").fetchone()
    rows, rows_taken = counted or (0, 0)
    told = {"rows": rows, "rows_taken": rows_taken, "rows_left_out": rows - rows_taken}
    return {
        "record_key": part.name,
        "native_id": part.name,
        "cursor_value": None,
        "payload": told,
        "ingest_error": None,
    }


def _read_checked(connection: duckdb.DuckDBPyConnection, part: Part) -> list[str]:
    first = part.entries[0][1]
    columns = read(connection, part.path, first, _needed(part))
    for _, entry in part.entries:
        for column, key in entry.missing(seen_columns(entry, columns)).items():
            raise SourceError(
                "files",
                entry.stream,
                f"{part.path.name} (source '{entry.source}') has no column '{column}', which the mapping names at {key}"
                + redact_columns(column, columns),
                "Correct the mapping, or the file if the column was renamed",
            )
    return columns


def _needed(part: Part) -> list[str] | None:
    """The columns of a file that any of its entries reads; None when one of them keeps the rest."""
    if any(entry.rest == "keep" for entry in part.others):
        return None
    named = {name for entry in part.others for name in entry.columns()}
    return sorted(named | {name.split("[")[0].split(".")[0] for name in named})


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
    entries = [entry for entry in read_mapping(folder).files if entry.truth]
    for part in parts(folder, entries, "people"):
        for _, entry in part.entries:
            assert entry.truth is not None  # noqa: S101 - for the type checker
            with connect() as connection:
                columns = _read_checked(connection, part)
                record_id, person = record_id_sql(entry, columns), Expressions(columns).value(Column(entry.truth))
                found = connection.sql(
                    f"select {record_id} as record_id, {person} as person_id "
                    f"from rows where {record_id} is not null and {person} is not null and {taken_sql(entry, columns)}"
                )
                tables.append(found.to_arrow_table().cast(tables[0].schema))
    return pa.concat_tables(tables)
