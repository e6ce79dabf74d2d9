"""The rules that golden, marts and segments keep as a project: contracts, descriptions, layers, unit tests."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestration.warehouse import Warehouse

Dbt = Callable[..., subprocess.CompletedProcess[str]]
ROOMS = ("golden", "marts", "segments")
KEPT = ("table", "difference", "incremental", "view")  # a difference is a table too: macros/difference
MAY_READ = {
    "golden": {"staging", "identity", "golden"},
    "marts": {"staging", "identity", "golden", "marts"},
    "segments": {"marts", "golden", "segments"},
}


@pytest.fixture(scope="module")
def manifest(postgres: Warehouse, dbt: Dbt, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("manifest")
    done = dbt(postgres, "parse", "--target-path", str(folder))
    assert done.returncode == 0, done.stdout
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return found


def models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        name: node
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["schema"] in ROOMS
    }


def test_every_model_is_a_table_with_an_enforced_contract(manifest: dict[str, Any]) -> None:
    found = models(manifest)
    assert len(found) >= 26
    assert [
        n for n, m in found.items() if not m["contract"]["enforced"] or m["config"]["materialized"] not in KEPT
    ] == []


def test_every_model_and_column_is_described(manifest: dict[str, Any]) -> None:
    everything = [*models(manifest).values(), *manifest["sources"].values()]
    everything = [node for node in everything if node["schema"] in (*ROOMS, "identity")]
    bare = [
        f"{node['name']}.{column}"
        for node in everything
        for column, told in {"": node, **node["columns"]}.items()
        if not told["description"].strip()
    ]
    assert bare == []


def test_a_layer_reads_only_what_lies_before_it(manifest: dict[str, Any]) -> None:
    nodes = manifest["nodes"] | manifest["sources"]
    wrong = [
        f"{node['name']} reads {nodes[parent]['name']}"
        for node in models(manifest).values()
        for parent in node["depends_on"]["nodes"]
        if nodes[parent]["resource_type"] != "seed" and nodes[parent]["schema"] not in MAY_READ[node["schema"]]
    ]
    bases = [
        f"{node['name']} reads {parent}"
        for node in models(manifest).values()
        for parent in node["depends_on"]["nodes"]
        if ".base_" in parent
    ]
    assert wrong + bases == []


def test_every_segment_and_rule_has_a_unit_test(manifest: dict[str, Any]) -> None:
    tested = {unit["model"] for unit in manifest["unit_tests"].values()}
    segments = {
        node["name"]
        for node in models(manifest).values()
        if node["name"].startswith("seg_") and "/audiences/" not in node["original_file_path"]  # generated from a rule
    }
    assert len(segments) >= 25
    assert segments - tested == set()
    assert {"golden_attributes", "consents", "customer_metrics", "customer_personas"} <= tested


def test_identity_tables_are_the_assets_of_the_python_stage(manifest: dict[str, Any]) -> None:
    keys = {
        source["name"]: source["config"]["meta"]["dagster"]["asset_key"]
        for source in manifest["sources"].values()
        if source["source_name"] == "identity"
    }
    assert keys == {
        name: ["identity", name] for name in ("record_customers", "edges", "identifiers", "shared_identifiers")
    }


def test_exposures_name_what_the_outside_reads(manifest: dict[str, Any]) -> None:
    assert {exposure["name"] for exposure in manifest["exposures"].values()} >= {
        "braid_api",
        "zendesk_user_fields",
        "marketing_file_drop",
    }
