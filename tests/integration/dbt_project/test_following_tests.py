"""Tests that follow: `dbt build` asks of those who changed, `dbt test` of everybody, and no failure is forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestration.warehouse import Warehouse
from tests.integration.dbt_project.small_project import Project, landed

BY_HAND = """
    {{ config(meta={'follows': ['touches']}) }}
    select customer from {{ ref('totals') }} where amount > 1000 and {{ only_changed('customer') }}
"""
OF_DBT = {"not_null": {"config": {"where": "__changed__(customer)", "meta": {"follows": ["touches"]}}}}

pytestmark = pytest.mark.slow


@pytest.fixture
def project(warehouse: Warehouse, tmp_path: Path) -> Project:
    """Two tests that follow: no customer's total is large, none is missing."""
    made = landed(tmp_path / "small", warehouse)
    _write(made, BY_HAND)
    described = made.folder / "models" / "models.yml"
    models = json.loads(described.read_text())
    (totals,) = (model for model in models["models"] if model["name"] == "totals")
    totals["columns"][1]["data_tests"] = [OF_DBT]
    described.write_text(json.dumps(models))
    made.run()
    return made


def _write(project: Project, text: str) -> None:
    (project.folder / "tests").mkdir(exist_ok=True)
    (project.folder / "tests" / "no_total_is_large.sql").write_text(text)


def test_a_build_asks_of_those_who_changed_and_a_test_of_everybody(project: Project) -> None:
    project.sql("update staging.totals set amount = 5000 where customer = 'cy'")
    project.sql("insert into landed values ('6', 'ada', 2)")
    project.run()
    assert "no_total_is_large" in project.run(command="test", fails=True)
    project.sql("update staging.totals set amount = null where customer = 'cy'")
    project.sql("insert into landed values ('7', 'ada', 2)")
    project.run()
    assert "not_null_totals_amount" in project.run(command="test", fails=True)
    project.run("--full-refresh")
    project.check_people()


def test_a_test_that_failed_asks_again_until_it_passes(project: Project) -> None:
    project.sql("insert into landed values ('6', 'bob', 5000)")
    for _ in range(2):
        assert "no_total_is_large" in project.run(fails=True)
    project.sql("update landed set amount = 5 where id = '6'")
    project.run()
    project.check_people()


def test_a_test_that_says_something_else_asks_of_everybody(project: Project) -> None:
    project.sql("update staging.totals set amount = 700 where customer = 'cy'")
    project.run()
    _write(project, BY_HAND.replace("1000", "500"))
    assert "no_total_is_large" in project.run(fails=True)


def test_a_test_that_is_gone_keeps_nothing_waiting(project: Project) -> None:
    project.sql("insert into landed values ('6', 'bob', 5000)")
    project.run(fails=True)
    (project.folder / "tests" / "no_total_is_large.sql").unlink()
    project.run()
    project.check_people()


def test_a_test_that_does_not_restrict_itself_is_refused(project: Project) -> None:
    _write(project, BY_HAND.replace("{{ only_changed('customer') }}", "true"))
    assert "never says only_changed" in project.run(fails=True)
