"""The marketing file drop: one file per segment, and a manifest that says what is in each and who is not.

- A marketing segment becomes an audience: a row per person whom the gate lets through on e-mail or text message, with
  the contact detail of the granted channels only.
- Any other segment becomes a match list without a contact detail: `customer_id, kind, sha256`, a row per contact point
  (of the lower-cased e-mail, of the E.164 phone), which tools can match and nobody can write to. It holds for all
  members of a suppression segment, those without a contact point included.

Only segments that name `file_drop` among their destinations are dropped, as CSV or as Parquet, to a folder or an object
store. A file is replaced whole and only when its content changed, the manifest last; the file of a segment that is no
longer dropped is removed, so that no tool goes on sending to it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from psycopg import sql
from pydantic import BaseModel, ConfigDict, Field

from activation.consent import GateRules
from activation.database import ActivationError, Connection, exclusive
from activation.destinations.file_drop_queries import audience, is_match_list, judge, match_list
from activation.destinations.file_formats import FileFormat, read_csv, write
from activation.destinations.file_store import FileStore, digest_of
from activation.schema import require_current

DESTINATION: Final = "file_drop"
_MANIFEST: Final = "manifest.json"


class FileDropConfig(BaseModel):
    """Where the files go, as what, and the gate's rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: str | Path = Field(
        description="a folder, or the URL of one in an object store, such as s3://bucket/audiences"
    )
    format: FileFormat = FileFormat.CSV
    rules: GateRules = GateRules()


@dataclass(frozen=True)
class DroppedFile:
    """One line of the manifest: a segment's file; `excluded` counts the members left out, per reason of the gate."""

    file: str
    segment: str
    purpose: str
    rows: int
    customers: int
    excluded: Mapping[str, int]
    sha256: str


@dataclass(frozen=True)
class DropReport:
    """The files that the folder holds now, and which of them this drop wrote or removed."""

    files: tuple[DroppedFile, ...]
    written: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def unchanged(self) -> int:
        """Files left alone."""
        return len(self.files) - len(self.written)


def drop_files(connection: Connection, config: FileDropConfig) -> DropReport:
    """Bring the folder to what schema `activation` says, gate applied; an unchanged file is not touched.

    Raises:
        ActivationError: if nothing is published yet, the folder cannot be written, a segment's name is no file name, or
            another drop is running.
    """
    require_current(connection)
    store = FileStore(config.folder)
    with exclusive(connection, DESTINATION), store.workplace() as workplace:
        return _drop(connection, config, store, workplace)


def _drop(connection: Connection, config: FileDropConfig, store: FileStore, workplace: Path) -> DropReport:
    files: list[DroppedFile] = []
    written: list[str] = []
    with connection.transaction():
        # All files and the manifest tell of one publication.
        connection.execute("set transaction isolation level repeatable read")
        judge(connection, config.rules)
        segments = connection.execute(
            "select segment, purpose from activation.segments where %s = any(destinations) order by segment",
            [DESTINATION],
        ).fetchall()
        held: dict[str, str] = dict(
            connection.execute(
                "select key, payload_hash from activation.deliveries where destination = %s", [DESTINATION]
            ).fetchall()
        )
        for segment, purpose in segments:
            name = f"{_safe_name(segment)}.{config.format}"
            guarded = config.format is FileFormat.CSV
            query = match_list(segment) if is_match_list(purpose) else audience(segment, guarded=guarded)
            draft = _drafted(connection, query, config.format, store, workplace, name)
            digest = digest_of(draft)
            if held.get(segment) == digest and store.holds(name, draft, digest):
                draft.unlink()
            else:
                store.publish(draft, name)
                written.append(segment)
                _acknowledge(connection, segment, digest)
            files.append(_describe(connection, name, segment, purpose, digest, query))
        gone = sorted(set(held) - {segment for segment, _ in segments})
        for segment in gone:
            store.remove(f"{_safe_name(segment)}.{config.format}")
        for segment in held:
            # What was dropped in the other format before it was changed.
            for other in set(FileFormat) - {config.format}:
                store.remove(f"{_safe_name(segment)}.{other}")
        connection.execute(
            "delete from activation.deliveries where destination = %s and key = any(%s::text[])", [DESTINATION, gone]
        )
        _write_manifest(store, workplace, files)
        connection.execute("drop table pg_temp.audience")
    return DropReport(tuple(files), tuple(written), tuple(gone))


def _drafted(
    connection: Connection,
    query: sql.Composed,
    file_format: FileFormat,
    store: FileStore,
    workplace: Path,
    name: str,
) -> Path:
    draft = store.draft(workplace, name)
    _copy_to(connection, query, draft)
    if file_format is FileFormat.PARQUET:
        write(read_csv(draft.read_bytes(), numbers=("lifetime_value",)), draft, file_format)
    return draft


def _copy_to(connection: Connection, query: sql.Composed, path: Path) -> None:
    """Write a query's rows as CSV with a header, also when there are none."""
    statement = sql.SQL("copy ({}) to stdout with (format csv, header true)").format(query)
    with path.open("wb") as file, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for chunk in copy:
            file.write(chunk)


def _acknowledge(connection: Connection, segment: str, digest: str) -> None:
    connection.execute(
        "insert into activation.deliveries (destination, key, payload_hash, attempted_at, acknowledged_at) "
        "values (%s, %s, %s, now(), now()) on conflict (destination, key) do update "
        "set payload_hash = excluded.payload_hash, attempted_at = now(), acknowledged_at = now()",
        [DESTINATION, segment, digest],
    )


def _describe(
    connection: Connection, file: str, segment: str, purpose: str, digest: str, query: sql.Composed
) -> DroppedFile:
    counted = connection.execute(
        sql.SQL("select count(*), count(distinct customer_id) from ({}) as listed").format(query)
    ).fetchone()
    rows, customers = counted or (0, 0)
    excluded = connection.execute(
        "select exclusion, count(*) from pg_temp.audience where segment = %s and exclusion is not null "
        "and not (%s and exclusion = 'no_contact_point') group by exclusion order by exclusion",
        [segment, is_match_list(purpose)],
    ).fetchall()
    return DroppedFile(file, segment, purpose, rows, customers, dict(excluded), digest)


def _write_manifest(store: FileStore, workplace: Path, files: list[DroppedFile]) -> None:
    """The manifest holds no clock, so that a drop that changes nothing leaves it alone."""
    text = json.dumps({"files": [asdict(file) for file in files]}, indent=2, ensure_ascii=False) + "\n"
    if store.read(_MANIFEST) == text.encode():
        return
    draft = store.draft(workplace, _MANIFEST)
    draft.write_text(text, "utf-8")
    store.publish(draft, _MANIFEST)


def _safe_name(segment: str) -> str:
    if not segment.replace("_", "").replace("-", "").isalnum():
        raise ActivationError(
            f"segment {segment!r} cannot be a file name; use letters, digits, - and _ in segments.segment_catalogue"
        )
    return segment
