"""dbt's connections are kept from node to node, and bring nothing of one node to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.warehouse import Warehouse
from tests.integration.dbt_project.small_project import Project, landed

pytestmark = pytest.mark.slow

NODES = ("before", "bad", "later", "last")
SEEN = """
    {{ config(materialized='table', pre_hook="insert into public.landed_prices values (%s)") }}
    select pg_backend_pid() as session, %s as told
"""


@pytest.fixture
def project(warehouse: Warehouse, tmp_path: Path) -> Project:
    made = landed(tmp_path / "small", warehouse)
    for place, name in enumerate(NODES):
        told = "1 / 0" if name == "bad" else str(place)
        made.write(f"{name}.sql", SEEN % (place, told))
    return made


def test_nodes_share_a_session_and_a_failed_one_leaves_nothing_in_it(project: Project) -> None:
    project.run("--select", *NODES, "--threads", "1", command="run", fails=True)
    made = [project.sql(f"select session, told from staging.{name}")[0] for name in NODES if name != "bad"]
    assert len({session for session, _ in made}) == 1
    assert [told for _, told in made] == [0, 2, 3]
    # What the failed node did before it failed is undone; what the others did is there.
    prices = project.sql("select cast(price as integer) from landed_prices order by price")
    assert [price for (price,) in prices] == [0, 1, 2, 3]
    assert project.sql("select to_regclass('staging.bad')") == [(None,)]


def test_a_session_that_was_cut_is_replaced(project: Project) -> None:
    project.write(
        "bad.sql",
        "{{ config(materialized='table') }} select pg_terminate_backend(pg_backend_pid()) as ended",
    )
    said = project.run("--select", *NODES, "--threads", "1", command="run", fails=True)
    assert "ERROR=1 " in said
    assert [project.sql(f"select count(*) from staging.{name}") for name in NODES if name != "bad"] == [[(1,)]] * 3
