"""What the dbt project promises of itself, by its manifest: contracts, layers, exposures, what is tested by what."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from activation.published_tables import SOURCES
from orchestration.warehouse import Warehouse

Dbt = Callable[..., subprocess.CompletedProcess[str]]
Manifest = dict[str, Any]
PROJECT = Path(__file__).parents[3] / "dbt_project"
ROOMS = ("golden", "marts", "segments")
VIEWS = ("view", "standing_view")
KEPT = ("table", "difference", "incremental", *VIEWS)  # a difference is a table too: macros/difference
MAY_READ = {
    "staging": {"staging"},
    "identity": {"staging", "identity"},
    "golden": {"staging", "identity", "golden"},
    "marts": {"staging", "identity", "golden", "marts"},
    "segments": {"marts", "golden", "segments"},
}
KPI_TABLES = (
    "customer_metrics",
    "service_figures",
    "service_topics",
    "channel_consistency",
    "channel_handovers",
    "journey_stages",
    "journey_transitions",
    "journey_drop_off",
    "first_order_paths",
    "persona_cards",
    "segment_reach",
    "segment_overlaps",
)


@pytest.fixture(scope="module")
def manifest(postgres: Warehouse, dbt: Dbt, tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    folder: Path = tmp_path_factory.mktemp("manifest")
    done = dbt(postgres, "parse", "--target-path", str(folder))
    assert done.returncode == 0, done.stdout
    found: Manifest = json.loads((folder / "manifest.json").read_text())
    return found


def models(manifest: Manifest, *rooms: str) -> dict[str, dict[str, Any]]:
    """The models of these rooms by name."""
    return {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] in (rooms or ROOMS)
    }


def expected_columns(manifest: Manifest) -> dict[str, set[str]]:
    """Model to the columns that a unit test of it expects a value of."""
    found: dict[str, set[str]] = defaultdict(set)
    for unit in manifest["unit_tests"].values():
        rows = unit["expect"]["rows"]
        if isinstance(rows, str):
            found[unit["model"]].update(re.findall(r"\bas (\w+)", rows))
            for listed in re.findall(r"\bas \w+ \(([^)]*)\)", rows):
                found[unit["model"]].update(name.strip() for name in listed.split(","))
        else:
            found[unit["model"]].update(name for row in rows for name in row)
    return found


def people_of(fixture: dict[str, Any]) -> set[str]:
    """The customers that a unit test is given or expects, whether in rows or in SQL."""
    rows = fixture["rows"]
    if isinstance(rows, str):
        return set(re.findall(r"(?:\(|select )\s*'(\w+)'", rows))
    return {str(row["customer_id"]) for row in rows if row.get("customer_id")}


def test_every_model_has_an_enforced_contract(manifest: Manifest) -> None:
    found = models(manifest)
    assert len(found) >= 80
    assert [
        n for n, m in found.items() if not m["contract"]["enforced"] or m["config"]["materialized"] not in KEPT
    ] == []


def test_every_column_of_a_contract_has_a_type_and_every_table_a_key(manifest: Manifest) -> None:
    untyped = [
        f"{name}.{column['name']}"
        for name, model in models(manifest).items()
        for column in model["columns"].values()
        if not column["data_type"]
    ]
    assert untyped == []
    keyless = {
        name
        for name, model in models(manifest).items()
        if model["config"]["materialized"] not in VIEWS
        and not any(c["type"] == "primary_key" for c in model["constraints"])
        and not any(c["type"] == "primary_key" for column in model["columns"].values() for c in column["constraints"])
    }
    # Totals have no channel, and no month: a primary key allows no null, and a test holds their grain.
    assert keyless <= {"service_figures"}


def test_a_layer_reads_only_what_lies_before_it(manifest: Manifest) -> None:
    nodes = manifest["nodes"] | manifest["sources"]
    read = [
        (model, nodes[parent])
        for model in models(manifest, *MAY_READ).values()
        for parent in model["depends_on"]["nodes"]
        if nodes[parent]["resource_type"] != "seed"
    ]
    wrong = [
        f"{model['name']} reads {parent['name']}"
        for model, parent in read
        if not parent["schema"].startswith("raw_") and parent["schema"] not in MAY_READ[model["schema"]]
    ]
    raw = [
        f"{model['name']} reads {parent['schema']}.{parent['name']}"
        for model, parent in read
        if parent["schema"].startswith("raw_") and model["schema"] != "staging"
    ]
    assert wrong + raw == []


def test_a_base_is_read_by_the_staging_of_its_own_source_alone(manifest: Manifest) -> None:
    nodes = manifest["nodes"]
    over_all_sources = {"quarantine", "stream_counts"}
    wrong = [
        f"{node['name']} reads {nodes[parent]['name']}"
        for node in nodes.values()
        for parent in node.get("depends_on", {}).get("nodes", [])
        if parent.startswith("model.braid.base_")
        and node["resource_type"] == "model"
        and node["name"] not in over_all_sources
        and (node["schema"] != "staging" or Path(node["path"]).parent != Path(nodes[parent]["path"]).parent)
    ]
    assert wrong == []


def test_every_rule_of_survivorship_has_a_unit_test(manifest: Manifest) -> None:
    with (PROJECT / "seeds/survivorship_rules.csv").open() as file:
        declared = {line["rule"] for line in csv.DictReader(file)}
    offered = set(re.findall(r"'(\w+)'", manifest["macros"]["macro.braid.survivorship_rule_names"]["macro_sql"]))
    won_by = {
        rule["rule"]
        for unit in manifest["unit_tests"].values()
        if unit["model"] == "golden_attributes"
        for fixture in unit["given"]
        if fixture["input"] == "ref('attribute_rules')"
        for rule in fixture["rows"]
        if any(row.get("attribute") == rule["attribute"] for row in unit["expect"]["rows"])
    }
    assert declared <= offered
    assert offered - won_by == set()


def test_every_segment_has_a_unit_test_that_lets_some_in_and_keeps_some_out(manifest: Manifest) -> None:
    found = models(manifest)
    segments = {
        name
        for name, node in found.items()
        if name.startswith("seg_") and "/audiences/" not in node["original_file_path"]  # generated from a rule
    }
    assert len(segments) >= 25
    edges = set()
    for unit in manifest["unit_tests"].values():
        given = set().union(*(people_of(fixture) for fixture in unit["given"]))
        members = people_of(unit["expect"])
        if members and given - members:
            edges.add(unit["model"])
    assert segments - edges == set()


def test_every_figure_has_a_unit_test(manifest: Manifest) -> None:
    """Of the table itself, or of the mart that it takes the figure from as it is."""
    expected = expected_columns(manifest)
    untested = []
    for name in KPI_TABLES:
        model = models(manifest)[name]
        parents = [manifest["nodes"].get(parent, {}) for parent in model["depends_on"]["nodes"]]
        tested = expected[name].union(*(expected[p["name"]] for p in parents if p.get("schema") == "marts"))
        untested += [f"{name}.{column}" for column in model["columns"] if column not in tested]
    assert untested == []


def test_every_singular_test_of_several_models_names_its_own(manifest: Manifest) -> None:
    """Dagster shows a check with one asset; which one, a test that reads several has to say."""
    nameless = [
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and "test_metadata" not in node
        and len(node["depends_on"]["nodes"]) > 1
        and "ref" not in node["config"]["meta"].get("dagster", {})
    ]
    assert nameless == []


def test_accounts_and_relations_are_held(manifest: Manifest) -> None:
    tests = {node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "test"}
    accounts = {
        "every_raw_row_is_staged_or_quarantined",
        "golden_every_record_in_exactly_one_customer",
        "golden_contact_points_belong_to_their_customer",
        "golden_every_consent_question_is_answered",
        "golden_consent_is_never_wider_than_a_record",
        "marts_interactions_equal_staging",
        "marts_revenue_equals_staging",
        "marts_sales_lines_add_up_to_their_order",
        "marts_service_figures_add_up",
        "marts_service_every_contact_is_a_case",
        "marts_metrics_every_customer_has_one_row",
        "marts_metrics_timeline_is_counted_once",
        "marts_timeline_conversations_of_one_customer",
        "segments_every_customer_has_one_persona",
        "segments_history_is_now_what_memberships_say",
        "segments_reach_adds_up",
    }
    assert accounts - tests == set()
    related = {name.split("_ref_")[-1].strip("_") for name in tests if name.startswith("relationships_")}
    assert {"customers", "segment_catalogue"} <= related


def test_identity_tables_are_the_assets_of_the_python_stage(manifest: Manifest) -> None:
    keys = {
        source["name"]: source["config"]["meta"]["dagster"]["asset_key"]
        for source in manifest["sources"].values()
        if source["source_name"] == "identity"
    }
    assert keys == {
        name: ["identity", name] for name in ("record_customers", "edges", "identifiers", "shared_identifiers")
    }


def test_every_published_table_is_exposed(manifest: Manifest) -> None:
    exposures = {exposure["name"]: exposure for exposure in manifest["exposures"].values()}
    assert set(exposures) >= {"braid_api", "braid_console", "zendesk_user_fields", "marketing_file_drop"}
    nodes = manifest["nodes"] | manifest["sources"]
    exposed = {
        f"{nodes[parent]['schema']}.{nodes[parent]['name']}"
        for exposure in exposures.values()
        for parent in exposure["depends_on"]["nodes"]
    }
    # Publication alone reads these of identity; they are no sources of dbt.
    unknown_to_dbt = {"customer_ledger", "edge_patterns", "judgements", "models", "runs"}
    assert set(SOURCES) - exposed == {f"identity.{table}" for table in unknown_to_dbt}
    assert all(exposure["description"] and exposure["owner"]["name"] for exposure in exposures.values())
    assert exposures["braid_console"]["maturity"] == "low"  # planned
