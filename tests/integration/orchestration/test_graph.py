"""The asset graph: the design's vocabulary, one journey from raw to activation, checks that block."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from dagster import (
    AssetCheckKey,
    AssetKey,
    DagsterInstance,
    DagsterRunStatus,
    Definitions,
    build_run_status_sensor_context,
    build_schedule_context,
    job,
    op,
)

from orchestration.build import build_defs
from orchestration.resources import WarehouseResource, run_warehouse
from orchestration.schedules import build_schedule
from orchestration.sensors import build_failure_alert
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse, WarehouseError

ROOT = Path(__file__).resolve().parents[3]
VOCABULARY = {"raw", "staging", "identity", "golden", "marts", "segments", "activation"}
SOURCES: dict[str, Any] = {
    "salesforce": {"url": "http://127.0.0.1:1", "client_id": "id", "client_secret": "secret"},
    "shopify": {"url": "http://127.0.0.1:1", "access_token": "secret"},
    "zendesk": {"url": "http://127.0.0.1:1", "email": "braid@shop.example", "api_token": "secret"},
    "meta": {"url": "http://127.0.0.1:1", "access_token": "secret", "page_id": "1", "instagram_account_id": "2"},
    "x": {"url": "http://127.0.0.1:1", "bearer_token": "secret", "user_id": "3"},
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("graph")


@pytest.fixture(scope="module")
def defs(home: Path) -> Definitions:
    return build_defs(Settings(home=home, **SOURCES))


def test_groups_are_the_vocabulary(defs: Definitions) -> None:
    graph = defs.resolve_asset_graph()
    groups = {graph.get(key).group_name for key in graph.materializable_asset_keys}
    assert groups == VOCABULARY


def test_every_asset_leads_from_raw_to_activation(defs: Definitions) -> None:
    graph = defs.resolve_asset_graph()
    delivered = AssetKey(["activation", "zendesk_users"])
    upstream = set(graph.upstream_key_iterator(delivered))
    for key in (
        ["raw_shopify", "orders"],
        ["staging", "stg_shopify__orders"],
        ["identity", "identity_records"],
        ["identity", "record_customers"],
        ["golden", "customers"],
        ["marts", "interactions"],
        ["segments", "segment_memberships"],
        ["activation", "profiles"],
    ):
        assert AssetKey(key) in upstream, key


def test_the_counts_of_every_stream_and_identity_are_checks_that_block(defs: Definitions) -> None:
    graph = defs.resolve_asset_graph()
    counted = AssetCheckKey(AssetKey(["staging", "stream_counts"]), "every_raw_row_is_staged_or_quarantined")
    assert counted in graph.asset_check_keys
    for name in ("every_record_in_one_customer", "every_customer_id_is_live", "planned_changes_are_applied"):
        key = AssetCheckKey(AssetKey(["identity", "record_customers"]), name)
        assert graph.get_check_spec(key).blocking


def test_every_dbt_test_is_an_asset_check(defs: Definitions, home: Path) -> None:
    from orchestration.dbt_manifest import load_manifest

    manifest = load_manifest(Settings(home=home, **SOURCES))
    tests = {node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "test"}
    checks = {key.name for key in defs.resolve_asset_graph().asset_check_keys}
    assert tests - checks == set()


def test_an_unconfigured_source_has_no_raw_assets(home: Path) -> None:
    graph = build_defs(Settings(home=home, shopify=SOURCES["shopify"])).resolve_asset_graph()
    raw = {key.path[0] for key in graph.materializable_asset_keys if key.path[0].startswith("raw_")}
    assert raw == {"raw_shopify", "raw_events"}, "events come by themselves: nobody configures them"


def test_workspace_loads(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dagster", "definitions", "validate", "-w", str(ROOT / "workspace.yaml")],
        env={**os.environ, "BRAID_HOME": str(home), "DAGSTER_HOME": str(home)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_schedule_waits_for_the_run_before(warehouse: Warehouse) -> None:
    opener = WarehouseResource(Settings(database_url=warehouse.address.conninfo))
    hourly = build_schedule(opener)
    context = build_schedule_context(scheduled_execution_time=datetime(2026, 11, 1, tzinfo=UTC))
    with opener.for_one_run():
        assert hourly.evaluate_tick(context).skip_message == "A run is at work on this warehouse."
    assert len(hourly.evaluate_tick(context).run_requests or []) == 1


def test_two_runs_do_not_meet(warehouse: Warehouse) -> None:
    settings = Settings(database_url=warehouse.address.conninfo)
    with (
        WarehouseResource(settings).for_one_run(),
        pytest.raises(WarehouseError, match="another Braid run"),
        WarehouseResource(settings).for_one_run(),
    ):
        pytest.fail("two runs held the warehouse at once")
    with WarehouseResource(settings).for_one_run() as held:
        assert held.open().has_table("pg_catalog", "pg_class")


def test_a_killed_run_is_not_taken_for_a_running_one(warehouse: Warehouse, home: Path) -> None:
    settings = Settings(home=home, database_url=warehouse.address.conninfo)

    @job(resource_defs={"warehouse": run_warehouse(WarehouseResource(settings))})
    def journey() -> None:
        @op(required_resource_keys={"warehouse"})
        def step() -> None: ...

        step()

    with DagsterInstance.ephemeral() as instance:
        killed = instance.create_run_for_job(journey, status=DagsterRunStatus.STARTED)
        assert journey.execute_in_process(instance=instance).success
        assert instance.get_run_by_id(killed.run_id).status is DagsterRunStatus.FAILURE


def test_a_failed_run_is_told_of_without_its_data(tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    alert = build_failure_alert(Settings(alert_url=f"http://127.0.0.1:{server.server_port}/hook"))

    @op
    def ingest() -> None:
        raise ValueError("ada@lovelace.example")

    @job
    def journey() -> None:
        ingest()

    try:
        with DagsterInstance.ephemeral() as instance:
            result = journey.execute_in_process(instance=instance, raise_on_error=False)
            context = build_run_status_sensor_context(
                sensor_name="failure_alert",
                dagster_instance=instance,
                dagster_run=result.dagster_run,
                dagster_event=result.get_run_failure_event(),
            ).for_run_failure()
            alert(context)
    finally:
        server.shutdown()
        server.server_close()
    assert [message["failed_steps"] for message in told] == [["ingest"]]
    assert "ada@lovelace.example" not in json.dumps(told)


def test_the_manifest_names_the_database_that_is_given(tmp_path: Path) -> None:
    from orchestration.dbt_manifest import load_manifest

    for database in ("company", "postgres", "company"):
        settings = Settings(home=tmp_path, database_url=f"postgresql://u:p@localhost:1/{database}", **SOURCES)
        manifest = load_manifest(settings)
        assert {node["database"] for node in manifest["nodes"].values()} == {database}, "rows are counted there"
