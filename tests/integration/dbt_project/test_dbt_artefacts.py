"""What Braid's dbt leaves beside the tables: the manifest of what it built, a short log, compiled templates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestration.dbt_process.templates import TEMPLATES_FILE
from orchestration.warehouse import Warehouse
from tests.integration.dbt_project.small_project import Project, landed

pytestmark = pytest.mark.slow

STATEMENT = "create_or_replace_nothing"


@pytest.fixture
def project(warehouse: Warehouse, tmp_path: Path) -> Project:
    made = landed(tmp_path / "small", warehouse)
    made.write("noticed.sql", f"{{{{ config(materialized='table') }}}} select 1 as {STATEMENT}")
    return made


def artefact(project: Project, name: str) -> Path:
    return project.folder / "target" / name


def test_the_manifest_is_written_with_what_was_compiled(project: Project) -> None:
    project.run("--select", "noticed", command="run")
    node = json.loads(artefact(project, "manifest.json").read_text())["nodes"]["model.small.noticed"]
    assert STATEMENT in node["compiled_code"]
    artefact(project, "manifest.json").unlink()
    project.run(command="parse")  # which writes no other at its end
    assert "model.small.noticed" in json.loads(artefact(project, "manifest.json").read_text())["nodes"]


def test_statements_are_in_the_log_when_asked_for(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.run("--select", "noticed", command="run")
    log = artefact(project, "dbt.log").read_text()
    assert "noticed" in log
    assert STATEMENT not in log
    monkeypatch.setenv("DBT_LOG_LEVEL_FILE", "debug")
    project.run("--select", "noticed", command="run")
    assert STATEMENT in artefact(project, "dbt.log").read_text()


def test_a_model_that_changed_is_compiled_anew(project: Project) -> None:
    project.run("--select", "noticed", command="run")
    kept = artefact(project, TEMPLATES_FILE).read_bytes()
    project.run("--select", "noticed", command="run")
    assert artefact(project, TEMPLATES_FILE).read_bytes() == kept
    project.write("noticed.sql", "{{ config(materialized='table') }} select 2 as other")
    project.run("--select", "noticed", command="run")
    assert project.sql("select other from staging.noticed") == [(2,)]
    assert artefact(project, TEMPLATES_FILE).read_bytes() != kept
