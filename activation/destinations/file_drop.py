"""The marketing file drop: one CSV per segment in a folder, and a manifest that says what is in each and who is not.

- A marketing segment becomes an audience: a row per person whom the gate lets through on e-mail or text message, with
  the contact detail of the granted channels only.
- Any other segment becomes a match list without a contact detail: `customer_id, kind, sha256`, a row per contact point
  (of the lower-cased e-mail, of the E.164 phone), which tools can match and nobody can write to. It holds for all
  members of a suppression segment, those without a contact point included.

Only segments that name `file_drop` among their destinations are dropped. A file is replaced whole (written beside, then
renamed) and only when its content changed; the file of a segment that is no longer dropped is removed, so that no tool
goes on sending to it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from psycopg import sql
from pydantic import BaseModel, ConfigDict

from activation.consent import Exclusion, GateRules, Purpose, decisions
from activation.database import ActivationError, Connection, exclusive
from activation.schema import require_current

DESTINATION: Final = "file_drop"
_TEMPORARY: Final = ".partial"


class FileDropConfig(BaseModel):
    """Where the files go, and the gate's rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path
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
    with exclusive(connection, DESTINATION):
        try:
            config.folder.mkdir(parents=True, exist_ok=True)
            for left_over in config.folder.glob(f".*{_TEMPORARY}"):
                left_over.unlink()
            return _drop(connection, config)
        except OSError as error:
            raise ActivationError(
                f"the file drop cannot write to {config.folder} ({error.strerror}); check BRAID_FILE_DROP"
            ) from error


def _drop(connection: Connection, config: FileDropConfig) -> DropReport:
    files: list[DroppedFile] = []
    written: list[str] = []
    with connection.transaction():
        # All files and the manifest tell of one publication.
        connection.execute("set transaction isolation level repeatable read")
        _judge(connection, config.rules)
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
            target = config.folder / f"{_safe_name(segment)}.csv"
            partial = target.with_name(f".{target.name}{_TEMPORARY}")
            query = _match_list(segment) if _is_match_list(purpose) else _audience(segment)
            digest = _copy_to(connection, query, partial)
            if held.get(segment) == digest and target.exists() and _digest(target) == digest:
                partial.unlink()
            else:
                partial.replace(target)
                written.append(segment)
                _acknowledge(connection, segment, digest)
            files.append(_describe(connection, target.name, segment, purpose, digest, query))
        gone = sorted(set(held) - {segment for segment, _ in segments})
        for segment in gone:
            (config.folder / f"{_safe_name(segment)}.csv").unlink(missing_ok=True)
        connection.execute(
            "delete from activation.deliveries where destination = %s and key = any(%s::text[])", [DESTINATION, gone]
        )
        _write_manifest(config.folder, files)
        connection.execute("drop table pg_temp.audience")
    return DropReport(tuple(files), tuple(written), tuple(gone))


def _is_match_list(purpose: str) -> bool:
    return purpose in (Purpose.SUPPRESSION, Purpose.SERVICE)


def _judge(connection: Connection, rules: GateRules) -> None:
    """Ask the gate once per channel; a person is left out only when every channel is closed.

    Of two reasons, the one that comes later in `consent.Exclusion` is given.
    """
    connection.execute(
        sql.SQL("""
        create temporary table audience on commit drop as
        select
            segment,
            customer_id,
            email_gate.destination_address as email,
            sms_gate.destination_address as phone,
            case when email_gate.exclusion is not null and sms_gate.exclusion is not null then
                ({reasons})[
                    greatest(
                        array_position({reasons}, email_gate.exclusion), array_position({reasons}, sms_gate.exclusion)
                    )
                ]
            end as exclusion
        from ({email}) as email_gate
        inner join ({sms}) as sms_gate using (segment, customer_id)
    """).format(
            reasons=sql.SQL("{}::text[]").format(sql.Literal([str(reason) for reason in Exclusion])),
            email=decisions("email", rules),
            sms=decisions("sms", rules),
        )
    )
    connection.execute("create index on pg_temp.audience (segment)")


def _guarded(expression: str) -> str:
    """A cell that a spreadsheet would run as a formula gets an apostrophe in front; an E.164 phone cannot be one."""
    return (
        f"case when {expression} ~ '^[=+@\\t\\r\\n-]' and {expression} !~ '^\\+[0-9]+$' "
        f"then '''' || {expression} else {expression} end"
    )


def _audience(segment: str) -> sql.Composed:
    columns = {
        "customer_id": "a.customer_id",
        "email": "a.email",
        "phone": "a.phone",
        "given_name": "p.document -> 'name' ->> 'given'",
        "family_name": "p.document -> 'name' ->> 'family'",
        "language": "p.document ->> 'language'",
        "country": "p.document -> 'address' ->> 'country'",
        "persona": "p.document -> 'persona' ->> 'name'",
        "lifetime_value": "p.document -> 'metrics' ->> 'lifetime_value'",
        "last_order_at": "p.document -> 'metrics' ->> 'last_order_at'",
    }
    # A number may begin with a minus; it is no formula.
    numbers = {"lifetime_value"}
    selected = ", ".join(
        f"{source if name in numbers else _guarded(f'({source})')} as {name}" for name, source in columns.items()
    )
    return sql.SQL(
        f"select {selected} from pg_temp.audience as a "
        "inner join activation.profiles as p on p.customer_id = a.customer_id "
        "where a.segment = {segment} and a.exclusion is null order by a.customer_id"
    ).format(segment=sql.Literal(segment))


def _match_list(segment: str) -> sql.Composed:
    return sql.SQL("""
        select a.customer_id, point.kind, point.sha256
        from pg_temp.audience as a
        left join lateral (
            select distinct
                item ->> 'kind' as kind,
                encode(sha256(convert_to(lower(item ->> 'value'), 'UTF8')), 'hex') as sha256
            from activation.profiles as p, jsonb_array_elements(p.document -> 'contact_points') as item
            where p.customer_id = a.customer_id
            and item ->> 'kind' in ('email', 'phone')
            and item ->> 'value' is not null
        ) as point on true
        where a.segment = {segment} and coalesce(a.exclusion, 'no_contact_point') = 'no_contact_point'
        order by a.customer_id, point.kind, point.sha256
    """).format(segment=sql.Literal(segment))


def _copy_to(connection: Connection, query: sql.Composed, path: Path) -> str:
    """Write a query's rows as CSV with a header, also when there are none; return the SHA-256 of the file."""
    digest = hashlib.sha256()
    statement = sql.SQL("copy ({}) to stdout with (format csv, header true)").format(query)
    with path.open("wb") as file:
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for chunk in copy:
                digest.update(chunk)
                file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
        [segment, _is_match_list(purpose)],
    ).fetchall()
    return DroppedFile(file, segment, purpose, rows, customers, dict(excluded), digest)


def _write_manifest(folder: Path, files: list[DroppedFile]) -> None:
    """The manifest holds no clock, so that a drop that changes nothing leaves it alone."""
    text = json.dumps({"files": [asdict(file) for file in files]}, indent=2, ensure_ascii=False) + "\n"
    target = folder / "manifest.json"
    if target.exists() and target.read_text("utf-8") == text:
        return
    partial = target.with_name(f".{target.name}{_TEMPORARY}")
    partial.write_text(text, "utf-8")
    partial.replace(target)


def _safe_name(segment: str) -> str:
    if not segment.replace("_", "").replace("-", "").isalnum():
        raise ActivationError(
            f"segment {segment!r} cannot be a file name; use letters, digits, - and _ in segments.segment_catalogue"
        )
    return segment
