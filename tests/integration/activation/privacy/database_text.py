"""All that a database holds, as text: to look for an erased person in, and to compare of everybody else."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import sql

from orchestration.warehouse import Warehouse

_TABLES = """
    select n.nspname, c.relname from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    order by 1, 2
"""


def rows_by_table(warehouse: Warehouse) -> dict[str, list[str]]:
    """Every row of every table of every schema, as Postgres writes it, sorted."""
    with warehouse.connect() as connection:
        return {
            f"{schema}.{table}": [
                row[0]
                for row in connection.execute(
                    sql.SQL('select t::text from {} as t order by t::text collate "C"').format(
                        sql.Identifier(schema, table)
                    )
                )
            ]
            for schema, table in connection.execute(_TABLES).fetchall()
        }


def where_found(warehouse: Warehouse, words: Iterable[str]) -> dict[str, list[str]]:
    """Table -> the words that it holds anywhere, in any case, also inside of JSON and lists."""
    searched = [word.lower() for word in words]
    found = {}
    for table, rows in rows_by_table(warehouse).items():
        text = "\n".join(rows).lower()
        if hits := [word for word in searched if word in text]:
            found[table] = hits
    return found


def copy_raw(warehouse: Warehouse) -> dict[str, list[tuple[object, ...]]]:
    """What ingestion landed: table -> key, payload and error of each row."""
    with warehouse.connect() as connection:
        return {
            f"{schema}.{table}": connection.execute(
                sql.SQL("select record_key, payload::text, ingest_error from {}").format(sql.Identifier(schema, table))
            ).fetchall()
            for schema, table in connection.execute(_TABLES).fetchall()
            if schema.startswith("raw_")
        }


def restore_raw(warehouse: Warehouse, raw: dict[str, list[tuple[object, ...]]], *, load_id: str | None) -> None:
    """Land the same data again, as a vendor's full export would."""
    with warehouse.connect() as connection:
        for table, rows in raw.items():
            target = sql.Identifier(*table.split("."))
            connection.execute(sql.SQL("alter table {} alter _dlt_load_id drop not null").format(target))
            connection.execute(sql.SQL("delete from {}").format(target))
            with connection.cursor() as cursor:
                cursor.executemany(
                    sql.SQL(
                        "insert into {} (record_key, payload, ingest_error, _dlt_load_id) values (%s, %s, %s, %s)"
                    ).format(target),
                    [(*row, load_id) for row in rows],
                )
