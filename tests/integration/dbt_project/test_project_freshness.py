"""`dbt source freshness`: what came lately is fresh, what stopped coming is not, what is not there is no matter."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from orchestration.warehouse import Warehouse
from tests.integration.dbt_project.conftest import tell_company

Dbt = Callable[..., subprocess.CompletedProcess[str]]
DAY = 86_400


def judged(warehouse: Warehouse, dbt: Dbt, folder: Path) -> tuple[int, dict[str, str]]:
    """The exit code, and the verdict on each stream that is watched."""
    done = dbt(warehouse, "source", "freshness", "--target-path", str(folder))
    results = json.loads((folder / "sources.json").read_text())["results"]
    names = (result["unique_id"].removeprefix("source.braid.raw_") for result in results)
    return done.returncode, dict(zip(names, (result["status"] for result in results), strict=True))


def loaded(warehouse: Warehouse, table: str, days_ago: int, rows: str = "%") -> None:
    """Say when these rows of a raw table came."""
    with warehouse.connect() as connection:
        connection.execute(
            f"update raw_{table} set _dlt_load_id = (extract(epoch from now()) - %s)::text where record_key like %s",
            (days_ago * DAY, rows),
        )


def test_each_stream_is_judged_by_its_youngest_row(warehouse: Warehouse, dbt: Dbt, tmp_path: Path) -> None:
    tell_company(warehouse)
    for table in ("shopify.customers", "salesforce.contacts", "meta.messages", "files.interactions"):
        loaded(warehouse, table, 1)
    loaded(warehouse, "shopify.orders", 30)
    loaded(warehouse, "shopify.orders", 3, rows="101")
    loaded(warehouse, "zendesk.tickets", 8)
    with warehouse.connect() as connection:
        connection.execute("delete from raw_meta.conversations")
        connection.execute("drop schema raw_x cascade")
    code, found = judged(warehouse, dbt, tmp_path)
    fresh = ("shopify.customers", "salesforce.contacts", "meta.messages", "files.interactions")
    assert {found[name] for name in fresh} == {"pass"}
    assert found["shopify.orders"] == "warn"
    assert found["zendesk.tickets"] == "error"
    assert found["meta.conversations"] == "pass"  # a stream that never sent a row
    assert found["x.mentions"] == "pass"  # a source that is not configured
    assert "shopify.products" not in found  # rests for weeks
    assert code == 1


def test_a_warehouse_without_sources_has_nothing_stale(warehouse: Warehouse, dbt: Dbt, tmp_path: Path) -> None:
    code, found = judged(warehouse, dbt, tmp_path)
    assert code == 0
    assert set(found.values()) == {"pass"}
