"""The tables that a command was given, each read and recognised, as one table of records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from identity.columns import one_array
from identity.recognise import RecognisedTable, UnrecognisedTable, recognise
from identity.recognise.mapping_file import MappingFile, WrongMapping
from identity.tables.errors import ReadTable
from identity.tables.reading import read_table


@dataclass(frozen=True)
class Asked:
    """What was asked about reading: the options of the command line."""

    id_column: str | None = None
    truth_column: str | None = None
    columns: tuple[str, ...] = ()
    mapping: MappingFile | None = None
    default_region: str = "US"
    encoding: str | None = None
    delimiter: str | None = None


@dataclass(frozen=True)
class Input:
    """One file, as read and as recognised; `truth`: who is who, where the file says so."""

    read: ReadTable
    recognised: RecognisedTable
    truth: pa.Array | None

    @property
    def name(self) -> str:
        """The file's name."""
        return self.read.path.name

    @property
    def notices(self) -> tuple[str, ...]:
        """What was assumed, reading and recognising it."""
        return (*self.read.notices, *self.recognised.notices)


@dataclass(frozen=True)
class People:
    """All inputs and their records, one after the other."""

    inputs: tuple[Input, ...]
    records: pa.Table

    @property
    def truth(self) -> pa.Table | None:
        """`record_id, person_id` of the inputs that know who is who; null when none does."""
        known = [
            pa.table({"record_id": one.recognised.records["record_id"], "person_id": one.truth})
            for one in self.inputs
            if one.truth is not None
        ]
        return pa.concat_tables(known) if known else None


def read_people(paths: list[Path], asked: Asked) -> People:
    """Read every file; of several each is a source of its own, named after the file or by the mapping.

    Raises:
        UnreadableTable: if a file is no table.
        UnrecognisedTable: if it is none of people, or two records have one id.
        WrongMapping: if an option or the mapping names what is not there.
    """
    _refuse_twice(paths)
    names = _source_names(paths) if len(paths) > 1 else [None]
    inputs = tuple(_read_input(path, name, asked) for path, name in zip(paths, names, strict=True))
    _refuse_unknown_columns(inputs, asked)
    records = pa.concat_tables([one.recognised.records for one in inputs])
    if pc.count_distinct(records["record_id"]).as_py() != records.num_rows:
        raise UnrecognisedTable(
            f"{', '.join(one.name for one in inputs)}: two files that the mapping gives the same source hold rows with "
            "the same id; give them sources of their own"
        )
    return People(inputs, records)


def _read_input(path: Path, source: str | None, asked: Asked) -> Input:
    entry = asked.mapping.entry_for(path) if asked.mapping else None
    if asked.mapping is not None and entry is None:
        globs = ", ".join(one.glob for one in asked.mapping.files)
        raise WrongMapping(f"no entry of the mapping is for {path.name}; its globs are {globs}")
    read = read_table(
        path,
        encoding=asked.encoding or (entry.encoding if entry else None),
        delimiter=asked.delimiter or (entry.delimiter if entry else None),
    )
    truth = asked.truth_column or (entry.truth if entry else None)
    if truth is not None and truth not in read.table.column_names:
        raise WrongMapping(
            f"{path.name}: there is no column {truth!r}; the columns are {', '.join(read.table.column_names)}"
        )
    try:
        recognised = recognise(
            read.table,
            asked.id_column,
            ignored={truth} if truth is not None else set(),
            overrides=_overrides(read.table, asked.columns),
            mapping=entry,
            source=(entry.source if entry else None) or source,
            entity=(entry.entity if entry else None) or "person",
            default_region=asked.default_region,
        )
    except (UnrecognisedTable, WrongMapping) as error:
        raise type(error)(f"{path.name}: {error}") from None
    return Input(read, recognised, _as_text(read.table[truth]) if truth is not None else None)


def _as_text(column: pa.ChunkedArray) -> pa.Array:
    return one_array(column.cast(pa.string()))


def _overrides(table: pa.Table, given: tuple[str, ...]) -> Mapping[str, str]:
    """What `--column` says of the columns that this table has."""
    pairs = [text.rpartition("=") for text in given]
    for name, equals, field in pairs:
        if not equals or not field or not name:
            raise WrongMapping(f"--column {name or field} must be name=field, for instance mail_addr=emails")
    return {name: field for name, _, field in pairs if name in table.column_names}


def _refuse_unknown_columns(inputs: tuple[Input, ...], asked: Asked) -> None:
    known = {name for one in inputs for name in one.read.table.column_names}
    for text in asked.columns:
        name = text.rpartition("=")[0]
        if name not in known:
            raise WrongMapping(
                f"--column {text}: there is no column {name!r}; the columns are {', '.join(sorted(known))}"
            )


def _refuse_twice(paths: list[Path]) -> None:
    seen: set[Path] = set()
    for path in paths:
        if path.resolve() in seen:
            raise UnrecognisedTable(f"{path} is given twice")
        seen.add(path.resolve())


def _source_names(paths: list[Path]) -> list[str | None]:
    """Each file's stem in plain letters, numbered where two are the same."""
    names: list[str | None] = []
    for path in paths:
        stem = re.sub(r"[^a-z0-9]+", "_", path.stem.lower()).strip("_") or "table"
        names.append(stem if stem not in names else f"{stem}_{len(names) + 1}")
    return names
