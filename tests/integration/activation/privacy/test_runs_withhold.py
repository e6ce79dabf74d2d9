"""A run holds back whom its loads would bring back, before dbt reads anything; without the key it stops there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dagster import DagsterInstance, ExecuteInProcessResult, materialize
from pydantic import SecretStr

from activation.privacy.erasure import erase
from orchestration.assets.transform import build_transform_assets
from orchestration.dbt_manifest import PROJECT_DIR, load_manifest
from orchestration.erased_people import made_key
from orchestration.resources import WarehouseResource
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse
from tests.integration.activation.privacy.conftest import Company
from tests.integration.activation.privacy.database_text import copy_raw, restore_raw, where_found


class WatchedDbt:
    """Notes what raw holds of Ada when dbt would begin."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self.found: list[str] | None = None

    def build(self, *_: Any) -> Iterator[Any]:
        self.found = [table for table in where_found(self._warehouse, ["Lovelace"]) if table.startswith("raw_")]
        return iter(())


def test_the_half_before_identity_begins_with_the_check(company: Company, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database_url=SecretStr(company.warehouse.address.conninfo))
    raw = copy_raw(company.warehouse)
    with company.warehouse.connect() as connection:
        erase(connection, "ada", None, made_key(settings), default_region="GB", requested_by="officer")
    restore_raw(company.warehouse, raw, load_id="next week")
    prepare = build_transform_assets(settings, load_manifest(settings, address=company.warehouse.address), PROJECT_DIR)[
        0
    ]

    def run(settings_of_run: Settings) -> tuple[ExecuteInProcessResult, WatchedDbt]:
        dbt = WatchedDbt(company.warehouse)
        resources = {"dbt": dbt, "warehouse": WarehouseResource(settings_of_run)}
        return materialize([prepare], resources=resources, raise_on_error=False, instance=instance), dbt

    with DagsterInstance.ephemeral() as instance:
        key = tmp_path / "privacy.key"
        kept = key.read_text()
        key.unlink()
        without_key, dbt = run(settings)
        assert not without_key.success
        assert dbt.found is None
        key.write_text(kept)
        _, dbt = run(settings)
        assert dbt.found == []
