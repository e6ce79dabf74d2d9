"""Everything that is held of a person, table by table, with where each value came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from activation.access.audit import Entry, write
from activation.database import Connection
from activation.privacy.erasure import condition_values
from activation.privacy.place import PersonalTable
from activation.privacy.raw_rows import find_rows
from activation.privacy.registry import present
from activation.privacy.subject import Subject


@dataclass(frozen=True)
class HeldRows:
    """The rows of one table that are the person's, as JSON objects."""

    place: str
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Export:
    """What is held of a person at a moment.

    Attributes:
        subject: whom it is about.
        made_at: when.
        attributes: the profile's values, each with source, record and the moment it was observed.
        tables: all rows, raw ones included: there `payload` is what the source sent.
    """

    subject: Subject
    made_at: datetime
    attributes: tuple[dict[str, Any], ...]
    tables: tuple[HeldRows, ...]

    def as_json(self) -> dict[str, Any]:
        """The whole, for a machine."""
        return {
            "customer_id": self.subject.customer_id,
            "former_customer_ids": [name for name in self.subject.customer_ids if name != self.subject.customer_id],
            "source_records": list(self.subject.record_ids),
            "made_at": self.made_at.isoformat(),
            "values": list(self.attributes),
            "tables": {table.place: list(table.rows) for table in self.tables},
        }


def export_person(connection: Connection, subject: Subject, default_region: str) -> Export:
    """Read all that the registry says is shown, in one snapshot; the audit trail has it before this returns.

    Rows that only repeat others (typed copies, counts) are left out; what speaks of somebody else too is not.
    """
    with connection.transaction():
        write(connection, Entry("privacy.export", subject.customer_ids))
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        values = condition_values(connection, subject, find_rows(connection, subject, default_region))
        tables = tuple(table for table in _tables(connection, values) if table.rows)
    attributes = next((table.rows for table in tables if table.place == "golden.golden_attributes"), ())
    return Export(subject, datetime.now(UTC), attributes, tables)


def _tables(connection: Connection, values: dict[str, Any]) -> Iterator[HeldRows]:
    for entry in present(connection):
        if entry.shown:
            yield HeldRows(entry.place, _rows(connection, entry, values))


def _rows(connection: Connection, entry: PersonalTable, values: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    condition = entry.rows if entry.rows_to_show is None else entry.rows_to_show
    found = connection.execute(
        f'select to_jsonb(t) from "{entry.schema}"."{entry.name}" as t where {condition} order by to_jsonb(t)::text',
        values,
    )
    return tuple(row[0] for row in found)
