"""Make a table of the warehouse equal to given rows: one load when it is empty, as few writes as possible when not."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from orchestration.warehouse import Transaction


@dataclass(frozen=True)
class Replaced:
    """How many rows of one table a publication wrote and removed."""

    written: int
    removed: int


@dataclass(frozen=True)
class Within:
    """A part of a table: the rows that hold one of the `ids` (text) in any of the `columns`."""

    columns: tuple[str, ...]
    ids: pa.Array


def replace_rows(
    transaction: Transaction,
    schema: str,
    table: str,
    rows: pa.Table,
    key: tuple[str, ...],
    *,
    within: Within | None = None,
) -> Replaced:
    """Make `schema.table`, or the part of it `within`, equal to `rows`; those that are the same are not touched.

    Args:
        transaction: nobody sees anything before it commits.
        schema: where the table is.
        table: it has the columns of `rows`, and a unique index on `key`.
        rows: the table as it shall be.
        key: the columns that tell its rows apart.
        within: the part that `rows` replace; an index on each of its columns saves reading the whole. Null: everything.
    """
    name = f"{schema}.{table}"
    empty = transaction.read(f"select not exists (select 1 from {name}) as empty")["empty"][0].as_py()
    if empty:
        replaced = _load(transaction, schema, table, rows)
    else:
        replaced = _difference(transaction, schema, table, rows, key, within)
    if empty or within is None:
        # Without statistics the planner would join what dbt builds next row by row.
        transaction.execute(f"analyze {name}")
    return replaced


def _load(transaction: Transaction, schema: str, table: str, rows: pa.Table) -> Replaced:
    """Fill an empty table: an index that is built over all rows costs a third of one that grows with them."""
    indexes = transaction.read(
        """
        select i.indexrelid::regclass::text as name, c.conname as constraint_name,
            coalesce(pg_get_constraintdef(c.oid), pg_get_indexdef(i.indexrelid)) as definition
        from pg_index as i
        left join pg_constraint as c on c.conindid = i.indexrelid and c.contype in ('p', 'u')
        where i.indrelid = $1::text::regclass
        """,
        (f"{schema}.{table}",),
    ).to_pylist()
    for index in indexes:
        if index["constraint_name"]:
            transaction.execute(f'alter table {schema}.{table} drop constraint "{index["constraint_name"]}"')
        else:
            transaction.execute(f"drop index {index['name']}")
    transaction.ingest(table, rows, schema=schema)
    transaction.execute("set local maintenance_work_mem = '256MB'")
    for index in indexes:
        if index["constraint_name"]:
            add = f'add constraint "{index["constraint_name"]}" {index["definition"]}'
            transaction.execute(f"alter table {schema}.{table} {add}")
        else:
            transaction.execute(index["definition"])
    return Replaced(written=len(rows), removed=0)


def _difference(
    transaction: Transaction, schema: str, table: str, rows: pa.Table, key: tuple[str, ...], within: Within | None
) -> Replaced:
    incoming = f"incoming_{table}"
    columns = rows.schema.names
    values = [column for column in columns if column not in key]
    same_key = " and ".join(f"i.{column} = t.{column}" for column in key)
    old, new = (", ".join(f"{side}.{column}" for column in values) for side in ("t", "i"))
    transaction.execute("set local work_mem = '256MB'")
    transaction.ingest(incoming, rows, mode="create", temporary=True)
    transaction.execute(f"analyze {incoming}")
    unmet = f"not exists (select 1 from {incoming} as i where {same_key})"
    if within is None:
        removed = _delete(transaction, f"delete from {schema}.{table} as t where {unmet}")
    else:
        transaction.ingest("within_ids", pa.table({"id": within.ids}), mode="create", temporary=True)
        transaction.execute("analyze within_ids")
        removed = sum(
            _delete(
                transaction,
                f"delete from {schema}.{table} as t using within_ids as w where t.{column} = w.id and {unmet}",
            )
            for column in within.columns
        )
        transaction.execute("drop table within_ids")
    written = transaction.read(
        f"""
        with changed as (
            insert into {schema}.{table} ({", ".join(columns)})
            select {", ".join(f"i.{column}" for column in columns)}
            from {incoming} as i
            left join {schema}.{table} as t on {same_key}
            where t.{key[0]} is null or ({old}) is distinct from ({new})
            on conflict ({", ".join(key)}) do update
            set {", ".join(f"{column} = excluded.{column}" for column in values)}
            returning 1
        )
        select count(*) as n from changed
        """
    )
    transaction.execute(f"drop table {incoming}")
    return Replaced(written=written["n"][0].as_py(), removed=removed)


def _delete(transaction: Transaction, statement: str) -> int:
    removed = transaction.read(f"with gone as ({statement} returning 1) select count(*) as n from gone")
    return int(removed["n"][0].as_py())
