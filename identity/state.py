"""What matching knows between runs: features, blocks and compared pairs in a DuckDB database, kept in step by changes.

A cache, never the truth: everything in it can be made anew from the records and the frozen model, and is, when its
fingerprint is not the one expected. Tables: `records` (`record_id, rid, row_hash`), `features`, `email_behaviour` and
`phone_behaviour`, `blocks`, `vectors` (the blocked pairs and what their comparisons found), `rarity`, `components`
(`rid, component`), `judged` (what people said of pairs), `meta`. A `rid` is a number that a record keeps; its size
means nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from identity.columns import conform
from identity.contract import IDENTITY_RECORDS

# Raised whenever the same records could come out otherwise, so that an unchanged input is resolved again.
METHOD_VERSION: Final = 3
_TABLES: Final = (
    "records",
    "features",
    "email_behaviour",
    "phone_behaviour",
    "blocks",
    "vectors",
    "rarity",
    "components",
    "judged",
    "meta",
)


class MatchState:
    """A DuckDB database with the tables above, in memory or in a file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Use `open_state`."""
        self.connection = connection

    @property
    def fingerprint(self) -> dict[str, str]:
        """What the state was made of: `digest`, `model_id`, `method`; empty when new."""
        if not self._has("meta"):
            return {}
        return {
            str(key): str(value) for key, value in self.connection.execute("select key, value from meta").fetchall()
        }

    def describe(self, **facts: str) -> None:
        """Replace the fingerprint."""
        self.connection.execute("create or replace table meta (key text, value text)")
        rows = [(key, value) for key, value in {**facts, "method": method()}.items()]
        self.connection.executemany("insert into meta values (?, ?)", rows)

    def fits(self, model_id: str) -> bool:
        """Whether the state was made by this version of the method with this model."""
        known = self.fingerprint
        return known.get("method") == method() and known.get("model_id") == model_id and all(map(self._has, _TABLES))

    def clear(self) -> None:
        """Forget everything."""
        for table in _TABLES:
            self.connection.execute(f"drop table if exists {table}")

    def _has(self, table: str) -> bool:
        found = self.connection.execute(
            "select 1 from duckdb_tables() where table_name = ? and not temporary", (table,)
        ).fetchall()
        return bool(found)


def method() -> str:
    """What must be the same for a state to be of use: our method and the library that hashes its keys."""
    return json.dumps([METHOD_VERSION, duckdb.__version__])


@contextmanager
def open_state(path: Path | None = None) -> Iterator[MatchState]:
    """The state kept in a file, made when it is not there; without a path one in memory.

    A file that is no database of this version is made anew: it is a cache.
    """
    connection = _connect(path)
    try:
        connection.execute("set enable_progress_bar = false")
        # The order of rows is asked for where it matters.
        connection.execute("set preserve_insertion_order = false")
        yield MatchState(connection)
    finally:
        connection.close()


def _connect(path: Path | None) -> duckdb.DuckDBPyConnection:
    if path is None:
        return duckdb.connect()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return duckdb.connect(str(path))
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise
        path.unlink()
        return duckdb.connect(str(path))


def hash_rows(connection: duckdb.DuckDBPyConnection, records: pa.Table, table: str = "incoming") -> None:
    """Create the temporary table `incoming`: `record_id, row_hash`; the order of values in a list does not matter."""
    connection.register("records_to_hash", conform(records, IDENTITY_RECORDS))
    columns = ", ".join(
        f"list_sort({field.name}) as {field.name}" if pa.types.is_list(field.type) else field.name
        for field in IDENTITY_RECORDS
    )
    connection.execute(f"""
        create or replace temp table {table} as
        select record_id, hash(row) as row_hash from (select {columns} from records_to_hash) as row
    """)
    connection.unregister("records_to_hash")


def digest_of(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """A digest of a table of `record_id, row_hash`; the order of rows does not matter."""
    ((count, total),) = connection.execute(
        f"select count(*), coalesce(sum(row_hash::hugeint), 0)::text from {table}"
    ).fetchall()
    return f"{count}:{total}"
