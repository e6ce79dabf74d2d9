"""Erasing a person: one transaction over every table of the registry; what is outside of it follows, and is retried.

Rows are deleted where they are, so the person is gone when the transaction commits, without a rebuild. It does no harm
to what is built from them: tables that are compared as a whole find the same rows missing in their query, and tables
that follow announcements hold nothing that was announced. When only some records go, the customer is announced, and
the next run makes their rows anew.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

from activation.access.audit import Entry, write
from activation.database import Connection, exclusive, scalar
from activation.privacy.ledger import rewrite_ledger
from activation.privacy.marks import THING, Mark
from activation.privacy.place import PersonalTable, Treatment
from activation.privacy.raw_rows import FoundRows, find_rows
from activation.privacy.registry import present
from activation.privacy.subject import Subject, find_subject, parameters
from activation.privacy.tombstones import TombstoneKey, bury, keep_fingerprint
from activation.privacy.withholding import note_loads

Progress = Callable[[str], None]

_LEDGER = "identity.customer_ledger"
_DELIVERIES = "activation.deliveries"


@dataclass(frozen=True)
class TableOutcome:
    """What happens, or happened, to a person's rows in one place."""

    place: str
    outcome: Treatment
    rows: int
    reason: str | None = None


@dataclass(frozen=True)
class ErasurePlan:
    """What an erasure would do."""

    subject: Subject
    tables: tuple[TableOutcome, ...]
    destinations: dict[str, int]
    """Rows that each destination may hold of them."""


def plan_erasure(connection: Connection, subject: Subject, default_region: str) -> ErasurePlan:
    """Count what an erasure would touch; nothing is written."""
    with connection.transaction():
        values = condition_values(connection, subject, find_rows(connection, subject, default_region))
        tables = tuple(
            _outcome(entry, _count(connection, entry, values, whole=subject.whole), whole=subject.whole)
            for entry in present(connection)
        )
        return ErasurePlan(subject, tables, _held(connection, values, whole=subject.whole))


def erase(
    connection: Connection,
    customer_id: str,
    record_ids: list[str] | None,
    key: TombstoneKey,
    *,
    default_region: str,
    requested_by: str,
    progress: Progress = lambda _: None,
) -> str:
    """Erase a customer, or some of their records, from every table, in one transaction.

    Args:
        connection: psycopg, without an open transaction; nothing else may be at work on the warehouse.
        customer_id: any id of theirs.
        record_ids: only these records; None for all there is.
        key: under which their tombstones are made.
        default_region: of phone numbers without a country code.
        requested_by: who asked for it, for the receipt.
        progress: told what is being done, without personal data.

    Returns:
        The id of the erasure, by which its receipt is found.

    Raises:
        NobodyFound: if there is no such customer or record.
        AlreadyErased: if they were erased before.
        ActivationError: if another erasure is at work, or the key is not that of earlier tombstones.
    """
    erasure_id = f"er_{secrets.token_hex(6)}"
    with exclusive(connection, "erasure"), connection.transaction():
        subject = find_subject(connection, customer_id, record_ids)
        connection.execute(
            "insert into activation.erasures (erasure_id, customer_id, scope, requested_by) values (%s, %s, %s, %s)",
            [erasure_id, subject.customer_id, "customer" if subject.whole else "records", requested_by],
        )
        progress("looking for their rows in raw")
        found = find_rows(connection, subject, default_region)
        values = condition_values(connection, subject, found) | {"stand_in": erasure_id}
        progress("keeping them from coming back")
        keep_fingerprint(connection, key)
        bury(connection, key, erasure_id, subject.marks | {Mark(THING, thing) for thing in found.things})
        note_loads(connection)
        progress("asking every destination that holds them")
        _ask_destinations(connection, erasure_id, values, whole=subject.whole)
        for entry in present(connection):
            progress(entry.place)
            rows = _treat(connection, entry, subject, values, erasure_id)
            _note(connection, erasure_id, _outcome(entry, rows, whole=subject.whole))
        _say_everything_of_identity(connection)
        if not subject.whole:
            _announce(connection, subject)
        write(connection, Entry("privacy.erase", [erasure_id], {"asked_by": requested_by}))
    return erasure_id


def condition_values(connection: Connection, subject: Subject, found: FoundRows) -> dict[str, Any]:
    """Everything that the registry's conditions name; the orders are those whose own touchpoints are theirs."""
    values = parameters(subject) | found.parameters()
    orders: list[str] = []
    if scalar(connection, "select to_regclass('marts.touchpoints')") is not None:
        rows = connection.execute(
            "select distinct order_id from marts.touchpoints where kind in ('order', 'order_line') "
            "and order_id is not null and (record_id = any(%(records)s) or interaction_id = any(%(interactions)s))",
            values,
        )
        orders = [row[0] for row in rows]
    return values | {"orders": orders}


def _outcome(entry: PersonalTable, rows: int, *, whole: bool) -> TableOutcome:
    made_anew = None if whole or entry.rows_of_records is not None else _made_anew(entry)
    return TableOutcome(entry.place, entry.treatment, rows, entry.reason or made_anew)


def _made_anew(entry: PersonalTable) -> str | None:
    built = entry.schema in ("golden", "marts", "segments") or "t.customer_id" in entry.rows
    return "the next run makes them of the records that stay" if built else None


def _count(connection: Connection, entry: PersonalTable, values: dict[str, Any], *, whole: bool) -> int:
    condition = entry.condition(whole=whole)
    return int(scalar_of(connection, f"select count(*) from {_quoted(entry)} as t where {condition}", values))


def _treat(
    connection: Connection, entry: PersonalTable, subject: Subject, values: dict[str, Any], erasure_id: str
) -> int:
    condition = entry.condition(whole=subject.whole)
    if entry.place == _LEDGER:
        return rewrite_ledger(
            connection, subject.customer_ids, subject.record_ids, whole=subject.whole, run_id=erasure_id
        )
    if entry.treatment in (Treatment.KEEP, Treatment.RECOMPUTE):
        return _count(connection, entry, values, whole=subject.whole)
    if entry.treatment is Treatment.MINIMISE and entry.statement is not None:
        return int(scalar_of(connection, entry.statement, values)) if subject.whole else 0
    if entry.treatment is Treatment.MINIMISE:
        return connection.execute(
            f"update {_quoted(entry)} as t set {entry.assignments} where {condition}", values
        ).rowcount
    return connection.execute(f"delete from {_quoted(entry)} as t where {condition}", values).rowcount


def _quoted(entry: PersonalTable) -> str:
    return f'"{entry.schema}"."{entry.name}"'


def _note(connection: Connection, erasure_id: str, outcome: TableOutcome) -> None:
    connection.execute(
        "insert into activation.erasure_outcomes (erasure_id, place, outcome, affected_rows, reason) "
        "values (%s, %s, %s, %s, %s)",
        [erasure_id, outcome.place, outcome.outcome, outcome.rows, outcome.reason],
    )


def _deliveries(connection: Connection) -> PersonalTable | None:
    return next((entry for entry in present(connection) if entry.place == _DELIVERIES), None)


def _held(connection: Connection, values: dict[str, Any], *, whole: bool) -> dict[str, int]:
    entry = _deliveries(connection)
    if entry is None:
        return {}
    rows = connection.execute(
        f"select t.destination, count(*) from {_DELIVERIES} as t where {entry.condition(whole=whole)} "
        "group by t.destination order by t.destination",
        values,
    )
    return dict(rows.fetchall())


def _ask_destinations(connection: Connection, erasure_id: str, values: dict[str, Any], *, whole: bool) -> None:
    """Leave the request with the sync engine: the next sync of each destination sends it, whatever else it does."""
    entry = _deliveries(connection)
    if entry is None:
        return
    for destination, rows in _held(connection, values, whole=whole).items():
        connection.execute(
            "insert into activation.erasure_destinations (erasure_id, destination, asked_rows) values (%s, %s, %s)",
            [erasure_id, destination, rows],
        )
    connection.execute(
        f"update {_DELIVERIES} as t set erase_requested = true, customer_id = (%(customers)s::text[])[1] "
        f"where {entry.condition(whole=whole)}",
        values,
    )


def _announce(connection: Connection, subject: Subject) -> None:
    """Tell whoever follows that the customer changed: the next run computes what is left of them (decision 0008).

    Tables that do not announce customers say that everything changed.
    """
    if scalar(connection, "select to_regclass('build_state.models')") is None:
        return
    connection.execute(
        "insert into build_state.changes (relation, changed_key) "
        "select relation, case when announces ~ '\\mcustomer_id\\M' then %s end "
        "from build_state.models where announces <> ''",
        [subject.customer_id],
    )


def _say_everything_of_identity(connection: Connection) -> None:
    """Take back what identity's tables told of this erasure by name (decision 0016): that everything changed, instead.

    The next run then compares all that follows them, as what was shared with an erased person may be another's alone.
    """
    if scalar(connection, "select to_regclass('build_state.changes')") is None:
        return
    connection.execute(
        """
        with telling as (
            select distinct schemas.nspname || '.' || tables.relname as relation
            from pg_trigger as triggers
            inner join pg_class as tables on triggers.tgrelid = tables.oid
            inner join pg_namespace as schemas on tables.relnamespace = schemas.oid
            where triggers.tgname ~ '^announces_[0-9a-f]{8}_'
        ),
        taken_back as (
            delete from build_state.changes where relation in (select relation from telling)
        )
        insert into build_state.changes (relation, changed_key) select relation, null from telling
        """
    )


def scalar_of(connection: Connection, query: str, values: dict[str, Any]) -> Any:
    """The first column of the first row of a query with named parameters."""
    row = connection.execute(query, values).fetchone()
    return None if row is None else row[0]


def earlier_erasures(connection: Connection, customer_id: str) -> list[str]:
    """The erasures of a customer, the latest first; a merged id stands for the one it led to."""
    try:
        rows = connection.execute(
            "select erasure_id from activation.erasures where customer_id = %s order by erased_at desc", [customer_id]
        )
    except psycopg.errors.UndefinedTable:
        return []
    return [row[0] for row in rows]
