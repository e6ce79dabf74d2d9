"""Whether a source has a table is asked of the database, never of what dbt remembers of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.warehouse import Warehouse
from tests.integration.dbt_project.conftest import Dbt, land

# What another thread leaves in dbt's cache when it has listed one table of a schema so far.
_HALF_LISTED = """
{% do adapter.cache_added(api.Relation.create(
    database=target.database, schema='raw_salesforce', identifier='campaigns', type='table')) %}
"""


@pytest.mark.parametrize("remembered", ["", _HALF_LISTED], ids=["nothing_remembered", "half_of_the_schema_remembered"])
def test_a_raw_table_is_read_though_dbt_has_not_heard_of_it(warehouse: Warehouse, dbt: Dbt, remembered: str) -> None:
    land(warehouse, "salesforce", "contacts", {"Id": "003"})
    land(warehouse, "salesforce", "campaigns", {"Id": "701"})
    done = dbt(warehouse, "compile", "--inline", remembered + "{{ raw_stream('salesforce', 'contacts') }}")
    assert done.returncode == 0, done.stdout
    assert '"raw_salesforce"."contacts"' in done.stdout


def test_a_source_without_a_table_has_no_rows(warehouse: Warehouse, dbt: Dbt) -> None:
    done = dbt(warehouse, "compile", "--inline", "{{ raw_stream('salesforce', 'contacts') }}")
    assert done.returncode == 0, done.stdout
    assert "where false" in done.stdout


def test_no_macro_asks_the_cache_about_raw() -> None:
    macros = Path(__file__).parents[3] / "dbt_project" / "macros"
    asking = {path.name for path in macros.rglob("*.sql") if "load_relation(" in path.read_text()}
    assert "raw_stream.sql" not in asking
    assert "last_load.sql" not in asking
