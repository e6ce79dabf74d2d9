"""Publication: what passed every test is copied to schema `activation`, row by changed row, in one transaction.

Nobody who reads `activation` ever sees half a run (docs/decisions/0002), and a second run writes nothing.
"""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime

import psycopg

from activation.access.role import ensure_role
from activation.database import ActivationError, Connection, exclusive, scalar
from activation.publication import conditions, customer_ids
from activation.published_tables import PUBLISHED_TABLES, SOURCES, PublishedTable
from activation.schema import migrate

_log = logging.getLogger(__name__)

# Past this share of changed rows, the planner's old figures are worth less than the second that new ones cost.
_ANALYZE_SHARE = 0.1


@dataclass(frozen=True)
class TableChanges:
    """What publication did to one table, in rows."""

    inserted: int
    updated: int
    deleted: int
    unchanged: int

    @property
    def changed(self) -> int:
        """Rows written."""
        return self.inserted + self.updated + self.deleted


@dataclass(frozen=True)
class PublishReport:
    """What one publication did, per table of schema `activation`."""

    run_id: str
    as_of: datetime
    tables: dict[str, TableChanges]

    @property
    def changed(self) -> int:
        """Rows written, over all tables."""
        return sum(table.changed for table in self.tables.values())


def publish(connection: Connection, run_id: str, as_of: datetime) -> PublishReport:
    """Copy to schema `activation` what differs in golden, marts, segments and identity, in one transaction.

    The schema is created or migrated first. A row in `activation.publications` is written only when something changed.

    Args:
        connection: psycopg, without an open transaction.
        run_id: the run that made what is published.
        as_of: the moment that was "now" to that run, with a time zone.

    Raises:
        ActivationError: if a source table is missing, a row cannot be published, or another publication is running.
            Nothing is changed then.
    """
    if as_of.tzinfo is None:
        raise ActivationError("as_of has no time zone; give an aware datetime")
    migrate(connection)
    warning = ensure_role(connection)
    if warning is not None:
        _log.warning(warning)
    with exclusive(connection, "publication"), connection.transaction():
        # One snapshot for all tables, and one spelling of times and numbers for all hashes.
        connection.execute("set transaction isolation level repeatable read")
        for setting, value in _SETTINGS.items():
            connection.execute("select set_config(%s, %s, true)", [setting, value])
        # A killed run must not hold its lock for as long as its last query takes. A server on Windows cannot tell.
        with suppress(psycopg.errors.InvalidParameterValue), connection.transaction():
            connection.execute("set local client_connection_check_interval = '1s'")
        connection.execute("select set_config('braid.as_of', %s, true)", [as_of.isoformat()])
        _require_sources(connection)
        _prepare(connection)
        tables = {table.name: _publish_table(connection, table) for table in PUBLISHED_TABLES}
        conditions.finish(connection)
        report = PublishReport(run_id, as_of, tables)
        if report.changed:
            connection.execute(
                "insert into activation.publications (run_id, as_of, changes) values (%s, %s, %s)",
                [run_id, as_of, json.dumps({name: asdict(changes) for name, changes in tables.items()})],
            )
    return report


_SETTINGS = {
    "timezone": "UTC",
    "datestyle": "ISO",
    "extra_float_digits": "1",
    "work_mem": "128MB",
}


def _require_sources(connection: Connection) -> None:
    missing = [name for name in SOURCES if scalar(connection, "select to_regclass(%s)", [name]) is None]
    if missing:
        raise ActivationError(f"nothing was published: missing {', '.join(missing)}; run the transform stages first")


def _prepare(connection: Connection) -> None:
    """What several tables are made from, for the time of the transaction."""
    try:
        customer_ids.prepare(connection)
        conditions.prepare(connection)
    except (psycopg.ProgrammingError, psycopg.NotSupportedError) as error:
        raise ActivationError(
            f"nothing was published: the ledger of ids or the conditions of segments cannot be read "
            f"({error.diag.message_primary}). Check that both keep the columns of docs/architecture.md."
        ) from error


def _publish_table(connection: Connection, table: PublishedTable) -> TableChanges:
    try:
        return _apply_difference(connection, table)
    except (psycopg.IntegrityError, psycopg.DataError, psycopg.ProgrammingError) as error:
        # The server's own text quotes rows, and rows are people.
        what = error.diag.constraint_name or error.diag.column_name or type(error).__name__
        known = isinstance(error, psycopg.ProgrammingError)
        raise ActivationError(
            f"nothing was published: activation.{table.name} refuses its new rows ({what}). "
            + (f"{error.diag.message_primary}. " if known else "")
            + "Check that the source tables keep the keys and columns of docs/architecture.md."
        ) from (error if known else None)


def _apply_difference(connection: Connection, table: PublishedTable) -> TableChanges:
    before = int(scalar(connection, f"select count(*) from activation.{table.name}"))
    connection.execute(_difference(table))
    counts: dict[str, int] = dict(
        connection.execute("select change, count(*) from pg_temp.difference group by change").fetchall()
    )
    inserted, updated, deleted = (int(counts.get(change, 0)) for change in ("inserted", "updated", "deleted"))
    same_key = " and ".join(f"target.{key} = d.{key}" for key in table.keys)
    if deleted:
        connection.execute(
            f"delete from activation.{table.name} as target using pg_temp.difference as d "
            f"where d.change = 'deleted' and {same_key}"
        )
    if updated:
        assignments = ", ".join(f"{value} = d.{value}" for value in table.written)
        connection.execute(
            f"update activation.{table.name} as target set {assignments} from pg_temp.difference as d "
            f"where d.change = 'updated' and {same_key}"
        )
    if inserted:
        columns = ", ".join((*table.keys, *table.written))
        connection.execute(
            f"insert into activation.{table.name} ({columns}) "
            f"select {columns} from pg_temp.difference where change = 'inserted'"
        )
    connection.execute("drop table pg_temp.difference")
    changes = TableChanges(inserted, updated, deleted, before - updated - deleted)
    if changes.changed > _ANALYZE_SHARE * max(before, 1):
        connection.execute(f"analyze activation.{table.name}")
    return changes


def _difference(table: PublishedTable) -> str:
    """One full join of what should be with what is; only rows that differ are kept, so no change writes nothing."""
    keys = ", ".join(f"coalesce(s.{key}, t.{key}) as {key}" for key in table.keys)
    values = "".join(f"s.{value}, " for value in table.values)
    first = table.keys[0]
    same_key = " and ".join(f"s.{key} = t.{key}" for key in table.keys)
    differs = " or ".join(f"s.{column} is distinct from t.{column}" for column in table.compared) or "false"
    derived = "".join(f", {expression} as {name}" for name, expression in table.derived)
    return f"""
        create temporary table difference on commit drop as
        select rows_that_differ.*{derived}
        from (
            select {keys}, {values}
                case
                    when t.{first} is null then 'inserted' when s.{first} is null then 'deleted' else 'updated'
                end as change
            from ({table.source}) as s
            full join (select {", ".join((*table.keys, *table.compared))} from activation.{table.name}) as t
                on {same_key}
            where t.{first} is null or s.{first} is null or {differs}
        ) as rows_that_differ
    """
