"""The file drop as it is configured: from the environment to the place."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import fsspec
import pytest
from dagster import AssetKey, DagsterInstance, ExecuteInProcessResult, materialize

from activation.publish import publish
from orchestration.assets.activation import build_activation_assets
from orchestration.resources import WarehouseResource, run_warehouse
from orchestration.settings import Settings

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
PLACE = "memory://audiences/of-ours"


@pytest.fixture
def store() -> Iterator[Any]:
    system = fsspec.filesystem("memory")
    yield system
    system.rm("/audiences", recursive=True)


def drop() -> ExecuteInProcessResult:
    settings = Settings()
    assets = [
        asset for asset in build_activation_assets(settings) if AssetKey(["activation", "file_drop"]) in asset.keys
    ]
    return materialize(
        assets,
        instance=DagsterInstance.ephemeral(),
        resources={"warehouse": run_warehouse(WarehouseResource(settings))},
    )


def test_segments_are_dropped_at_the_url_of_the_environment(world, warehouse, monkeypatch, tmp_path, store) -> None:
    world.customer("c1", email="ada@mail.org", consent={"email": "granted"}, segments=["vip"])
    publish(world.connection, "r1", AS_OF)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRAID_DATABASE_URL", warehouse.address.conninfo)
    monkeypatch.setenv("BRAID_FILE_DROP", PLACE)
    (made,) = drop().asset_materializations_for_node("activation__file_drop")
    assert made.metadata["folder"].value == PLACE
    (row,) = csv.DictReader(io.StringIO(store.cat_file("/audiences/of-ours/vip.csv").decode()))
    assert (row["customer_id"], row["email"]) == ("c1", "ada@mail.org")
    assert store.exists("/audiences/of-ours/manifest.json")
    assert list(tmp_path.iterdir()) == [], "no folder of that name"
