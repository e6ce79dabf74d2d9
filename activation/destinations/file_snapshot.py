"""A file as a destination of a declared sync: one CSV or Parquet file that always holds exactly who should be in it.

The file is what is held: a sync reads it, takes out and puts in what differs, and publishes it whole, with a manifest
after it. So it can be read back, and what a killed sync had published is not written again.

Columns: `key`; then `email` and `phone` as the gate let them through, where the block's channel reaches one; then the
mapped fields. Rows are in the order of `key`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field

from activation.database import ActivationError
from activation.destinations.file_formats import FileFormat, cell, read_csv, write
from activation.destinations.file_store import FileStore, digest_of, without_password
from activation.destinations.kind import Account, DestinationKind
from activation.sync.block import Channel, SyncBlock
from activation.sync.destination import Change, Delivery, DestinationError, Fate, FieldKind, Identity, Outcome
from activation.sync.profile_paths import kind_of

# Each batch writes the file anew.
_ROWS: Final = 100_000
_KEY: Final = "key"
_CONTACT: Final[Mapping[Channel, tuple[str, ...]]] = {
    Channel.EMAIL: ("email",),
    Channel.SMS: ("phone",),
    Channel.PHONE: ("phone",),
    Channel.WHATSAPP: ("phone",),
    Channel.ADVERTISING: ("email", "phone"),
    Channel.NONE: (),
}
_TYPES: Final[Mapping[FieldKind, pa.DataType]] = {
    FieldKind.TEXT: pa.string(),
    FieldKind.DATE: pa.string(),
    FieldKind.TIMESTAMP: pa.string(),
    FieldKind.NUMBER: pa.float64(),
    FieldKind.BOOLEAN: pa.bool_(),
    FieldKind.LIST: pa.list_(pa.string()),
}


class FileOptions(BaseModel):
    """The `options` of a block."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str | None = Field(None, description="a folder or s3://bucket/path; that of BRAID_FILE_DROP if not said")
    file: str | None = Field(
        None, pattern=r"^[A-Za-z0-9_-]+$", description="the file's name without its end; the block's"
    )
    format: FileFormat = FileFormat.CSV


class FileSnapshot:
    """Receives rows into one file."""

    name = "the file drop"
    batch_size = _ROWS
    max_bytes = None
    reads_back = True

    def __init__(self, location: str | Path, options: FileOptions, block: SyncBlock) -> None:
        """Look at nothing yet.

        Raises:
            DestinationError: if the mapping uses a name of the file's own columns, or the place cannot be opened.
        """
        self._contact = _CONTACT[block.channel]
        taken = sorted({_KEY, *self._contact} & set(block.mapping))
        if taken:
            raise DestinationError(
                f"a dropped file has columns of its own named {', '.join(taken)}; map to other names"
            )
        try:
            self._store = FileStore(options.url or location)
        except ActivationError as error:
            raise DestinationError(str(error)) from None
        self._format = options.format
        self._block = block.name
        self._file = _name(options, block)
        self._fields = tuple(block.mapping)
        self._schema = self._columns({name: kind_of(path) or FieldKind.TEXT for name, path in block.mapping.items()})

    def close(self) -> None:
        """Nothing is held open."""

    def remembered(self, identity: Identity, fields: Mapping[str, Any]) -> Identity:  # noqa: ARG002 - of the seam
        """The identity as it is: the file holds the permitted addresses."""
        return identity

    def _columns(self, fields: Mapping[str, FieldKind]) -> pa.Schema:
        as_texts = self._format is FileFormat.CSV
        contact = pa.list_(pa.string()) if len(self._contact) > 1 and not as_texts else pa.string()
        columns = [(_KEY, pa.string()), *((name, contact) for name in self._contact)]
        columns += [(name, pa.string() if as_texts else _TYPES[kind]) for name, kind in fields.items()]
        return pa.schema(columns)

    def prepare(self, fields: Mapping[str, FieldKind]) -> None:  # noqa: ARG002 - of the seam
        """See that the file is where it was and its manifest tells of it: a killed sync may have written one only.

        Raises:
            DestinationError: if the manifest tells of a file that is no longer there: what it held is not known; or if
                the file is not Braid's, or the place cannot be written.
        """
        content = self._store.read(self._file)
        manifest = self._store.read(self._manifest)
        if content is None and manifest is not None:
            raise DestinationError(
                f"{self._file} is gone from {self._store.location} and its manifest is not: nobody but Braid may take "
                f"it away. Put it back; or, to begin anew, remove {self._manifest} and run "
                f"`braid sync forget {self._block}`"
            )
        if content is not None and manifest != (
            told := self._described(self._parsed(content), sha256(content).hexdigest())
        ):
            with self._workplace() as workplace:
                self._publish_manifest(workplace, told)

    @property
    def _manifest(self) -> str:
        return f"{self._file}.manifest.json"

    def confirm(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Acknowledged where the file holds the row as asked, or no longer holds it; unknown elsewhere."""
        table = self._held()
        here = table.filter(pc.is_in(table[_KEY], pa.array([row.key for row in batch], pa.string())))
        held = {row[_KEY]: row for row in here.to_pylist()}
        asked = {row[_KEY]: row for row in self._rows(batch).to_pylist()}
        outcomes: list[Outcome] = []
        for row in batch:
            found = row.key not in held if row.change is Change.REMOVED else held.get(row.key) == asked[row.key]
            outcomes.append(Outcome(row.key, Fate.ACKNOWLEDGED if found else Fate.UNKNOWN))
        return outcomes

    def deliver(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Write the file with the batch in it, then the manifest.

        Raises:
            DestinationError: if the place cannot be written.
        """
        table = self._held()
        others = table.filter(pc.invert(pc.is_in(table[_KEY], pa.array([row.key for row in batch], pa.string()))))
        with self._workplace() as workplace:
            self._publish(workplace, pa.concat_tables([others, self._rows(batch)]).sort_by(_KEY))
        return [Outcome(row.key, Fate.ACKNOWLEDGED) for row in batch]

    @contextmanager
    def _workplace(self) -> Iterator[Path]:
        try:
            with self._store.workplace() as workplace:
                yield workplace
        except ActivationError as error:
            raise DestinationError(str(error)) from None

    def _publish(self, workplace: Path, table: pa.Table) -> None:
        draft = self._store.draft(workplace, self._file)
        write(table, draft, self._format)
        described = self._described(table, digest_of(draft))
        self._store.publish(draft, self._file)
        self._publish_manifest(workplace, described)

    def _described(self, table: pa.Table, digest: str) -> bytes:
        """The manifest of a file."""
        told = {
            "file": self._file,
            "sync": self._block,
            "rows": table.num_rows,
            "columns": table.column_names,
            "sha256": digest,
        }
        return (json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode()

    def _publish_manifest(self, workplace: Path, described: bytes) -> None:
        draft = self._store.draft(workplace, self._manifest)
        draft.write_bytes(described)
        self._store.publish(draft, self._manifest)

    def _held(self) -> pa.Table:
        """The file as it is, in today's columns: one that is new or of another type is empty until its rows come."""
        schema = self._schema
        content = self._store.read(self._file)
        if content is None:
            return schema.empty_table()
        found = self._parsed(content)
        return pa.table(
            [
                found[field.name]
                if field.name in found.column_names and found.schema.field(field.name).type == field.type
                else pa.nulls(found.num_rows, field.type)
                for field in schema
            ],
            schema=schema,
        )

    def _parsed(self, content: bytes) -> pa.Table:
        """The file's columns as they stand in it."""
        try:
            parquet = self._format is FileFormat.PARQUET
            found = pq.read_table(pa.BufferReader(content)) if parquet else read_csv(content)
        except (pa.ArrowInvalid, OSError):
            raise DestinationError(
                f"{self._file} in {self._store.location} is not the {self._format} file that Braid wrote; put it back"
            ) from None
        if _KEY not in found.column_names:
            raise DestinationError(f"{self._file} in {self._store.location} has no column {_KEY}; name another file")
        return found

    def _rows(self, batch: Sequence[Delivery]) -> pa.Table:
        rows = [self._row(row) for row in batch if row.change is not Change.REMOVED]
        return pa.Table.from_pylist(rows, schema=self._schema)

    def _row(self, delivery: Delivery) -> dict[str, Any]:
        values: dict[str, Any] = {_KEY: delivery.key}
        values |= {name: delivery.identity.get(name) for name in self._contact}
        values |= {name: delivery.fields.get(name) for name in self._fields}
        return {name: cell(value) for name, value in values.items()} if self._format is FileFormat.CSV else values


def _build(block: SyncBlock, account: Account) -> FileSnapshot:
    return FileSnapshot(account["folder"], FileOptions.model_validate(block.options), block)


def _name(options: FileOptions, block: SyncBlock) -> str:
    return f"{options.file or block.name}.{options.format}"


def _where(block: SyncBlock) -> dict[str, str]:
    options = FileOptions.model_validate(block.options)
    where = {"file": _name(options, block)}
    return where if options.url is None else where | {"url": without_password(options.url)}


KIND: Final = DestinationKind(
    name="file_drop",
    account="file_drop",
    channels=frozenset(Channel),
    build=_build,
    options=FileOptions,
    keys=("customer_id", "record:"),
    where=_where,
)
