"""The registry: every table of the warehouse that holds personal data, and every other with the columns it has.

Export and erasure do what it says, and nothing else knows tables by name. A test holds it against the live catalogue of
a whole build: a table, or a new column of a table said to be free of personal data, that is not here fails it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from activation.database import Connection
from activation.privacy.place import PersonalTable
from activation.privacy.registered import derived, prepared, served

PERSONAL: Final = (*prepared.PERSONAL, *derived.PERSONAL, *served.PERSONAL)
"""In the order in which erasure goes through them: rows that others are found by come last where it matters."""

FREE: Final[Mapping[str, frozenset[str]]] = {
    place: frozenset(columns.split()) for place, columns in (prepared.FREE | derived.FREE | served.FREE).items()
}

_BY_PLACE: Final = {table.place: table for table in PERSONAL}
_BACKTEST: Final = "braid_backtest_"
_SEGMENT: Final = re.compile(r"seg_[a-z0-9_]+")
# The one schema that is of another program: Dagster's, when it is given the same database.
_TABLES: Final = """
    select n.nspname, c.relname, array_agg(a.attname::text order by a.attnum)
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    inner join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where
        c.relkind in ('r', 'p', 'm', 'f')
        and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'public')
    group by n.nspname, c.relname
    order by n.nspname, c.relname
"""


@dataclass(frozen=True)
class LiveTable:
    """A table of the catalogue; views hold nothing of their own."""

    schema: str
    name: str
    columns: tuple[str, ...]

    @property
    def place(self) -> str:
        """`schema.name`."""
        return f"{self.schema}.{self.name}"


def live_tables(connection: Connection) -> list[LiveTable]:
    """Every table of Braid's schemas in this database."""
    return [LiveTable(schema, name, tuple(columns)) for schema, name, columns in connection.execute(_TABLES)]


def entry_of(schema: str, name: str) -> PersonalTable | None:
    """What the registry says of a table with personal data.

    dlt stages a load in `raw_<source>_staging`, and a backtest builds in schemas of its own: a killed one may leave
    rows there, which are found as in the table that they were meant for.
    """
    meant = schema.removeprefix(_BACKTEST)
    if meant.startswith("raw_"):
        meant = meant.removesuffix("_staging")
    entry = _BY_PLACE.get(f"{meant}.{name}")
    if entry is None and meant == "segments" and _SEGMENT.fullmatch(name) and f"segments.{name}" not in FREE:
        entry = prepared.of_customer_only(name)
    return None if entry is None else replace(entry, schema=schema)


def declared_free(schema: str, name: str) -> frozenset[str] | None:
    """The columns of a table that was judged free of personal data; None when it was not."""
    schema = schema.removeprefix(_BACKTEST)
    if schema.startswith("raw_"):
        schema = schema.removesuffix("_staging")
        if name.startswith("_dlt_"):
            schema = "raw_*"
    return FREE.get(f"{schema}.{name}")


def present(connection: Connection) -> Iterator[PersonalTable]:
    """The registered tables that exist in this database, in the order of the registry."""
    found = [entry for table in live_tables(connection) if (entry := entry_of(table.schema, table.name))]
    order = {table.place: place for place, table in enumerate(PERSONAL)}
    yield from sorted(found, key=lambda entry: (order.get(entry.place, len(order)), entry.place))


def unregistered(connection: Connection) -> list[str]:
    """What the registry does not know: tables, and columns of tables that were said to be free of personal data."""
    problems = []
    for table in live_tables(connection):
        if entry_of(table.schema, table.name) is not None:
            continue
        judged = declared_free(table.schema, table.name)
        if judged is None:
            problems.append(f"{table.place} is not in the registry")
        elif unknown := sorted(set(table.columns) - judged):
            problems.append(f"{table.place} was judged free of personal data without {', '.join(unknown)}")
    return problems
