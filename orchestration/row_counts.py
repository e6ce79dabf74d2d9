"""The number of rows of every table that dbt built, as Dagster's metadata.

dagster-dbt can do it, too (`fetch_row_counts`), in threads that it waits for in a loop without a pause: while dbt
builds for a minute, a core of two is busy with asking whether it is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import psycopg
from dagster import AssetMaterialization, Output

from orchestration.warehouse import Warehouse


def with_row_counts(
    events: Iterable[Any], nodes: Mapping[str, Mapping[str, Any]], warehouse: Warehouse
) -> Iterator[Any]:
    """Dagster's events of a dbt build as they come, those of tables with `dagster/row_count`.

    Views are not counted: that would be running their query once more. A table that cannot be counted, because a
    later model is just putting another in its place, is passed on without a number.

    Args:
        events: what `DbtCliInvocation.stream()` yields.
        nodes: the nodes of dbt's manifest, by unique id.
        warehouse: where the tables are.
    """
    with warehouse.connect(autocommit=True) as connection:
        for event in events:
            if isinstance(event, AssetMaterialization | Output):
                yield _counted(event, nodes, connection)
            else:
                yield event


def _counted(
    event: AssetMaterialization | Output[Any], nodes: Mapping[str, Mapping[str, Any]], connection: psycopg.Connection
) -> AssetMaterialization | Output[Any]:
    node = nodes.get(str(getattr(event.metadata.get("unique_id"), "value", "")))
    if node is None or node["config"]["materialized"] in ("view", "standing_view", "ephemeral"):
        return event
    try:
        row = connection.execute(f"select count(*) from {node['relation_name']}").fetchone()
    except psycopg.Error:
        return event
    if row is None:
        return event
    return event.with_metadata({**event.metadata, "dagster/row_count": row[0], "dagster/storage_kind": "postgres"})
