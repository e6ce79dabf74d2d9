"""The whole project run again, on nothing, on PostgreSQL of every version here, and after tampering with tables."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestration.warehouse import Warehouse
from tests.debian_postgres import debian_postgres, installed_versions
from tests.integration.dbt_project.conftest import database, tell_company

Dbt = Callable[..., subprocess.CompletedProcess[str]]
SEEDS = {file.stem for file in (Path(__file__).parents[3] / "dbt_project/seeds").rglob("*.csv")}
SUPPORTED = [version for version in installed_versions() if 15 <= int(version) <= 18]

# What is done to a built warehouse, and the test that must see it.
TAMPERING = {
    "every_raw_row_is_staged_or_quarantined": "update staging.stream_counts set staged_rows = staged_rows - 1",
    "golden_every_record_in_exactly_one_customer": "delete from identity.record_customers where customer_id = 'lea'",
    "golden_contact_points_belong_to_their_customer": "delete from golden.contact_points where customer_id = 'june'",
    "golden_every_consent_question_is_answered": "delete from golden.consents where customer_id = 'bob'",
    "golden_consent_is_never_wider_than_a_record": "update golden.consents set state = 'granted'",
    "golden_contact_points_one_primary": "update golden.contact_points set is_primary = true where customer_id = 'ada'",
    "golden_households_hold_no_crowd": "delete from golden.household_members where customer_id = 'dan'",
    "marts_interactions_equal_staging": "delete from marts.touchpoints where source = 'sprout'",
    "marts_revenue_equals_staging": "update marts.orders set total_amount = total_amount + 1 where order_id = '101'",
    "marts_sales_lines_add_up_to_their_order": "delete from marts.order_lines where order_id = 'amazon:orders:A-1'",
    "marts_service_every_contact_is_a_case": "delete from marts.service_cases where case_id = 'gladly:c1'",
    "marts_service_figures_add_up": "update marts.service_figures set cases_opened = 9 where level = 'month'",
    "marts_metrics_every_customer_has_one_row": "delete from marts.customer_figures where customer_id = 'eve'",
    "marts_metrics_timeline_is_counted_once": "delete from marts.channel_days where customer_id = 'ada'",
    "marts_timeline_conversations_of_one_customer": (
        "update marts.conversation_members set customer_id = 'bob' where customer_id = 'gus'"
    ),
    "marts_timeline_orders_exist": "update marts.touchpoints set order_id = 'none' where order_id = '105'",
    "segments_every_customer_has_one_persona": "delete from segments.customer_personas where customer_id = 'kim'",
    "segments_held_back_get_no_promotion": (
        "insert into segments.segment_memberships values ('vip', 'ada', '{}'), ('win_back', 'ada', '{}')"
    ),
    "segments_history_is_now_what_memberships_say": "delete from segments.segment_membership_history",
    "segments_reach_adds_up": "update segments.segment_reach set reachable_count = reachable_count + 1",
}


def digests(warehouse: Warehouse) -> dict[str, tuple[int, str | None]]:
    """Number of rows and a hash of each table, whatever the order of its rows and the name of the database."""
    names = warehouse.read(
        "select table_schema, table_name from information_schema.tables "
        "where table_schema in ('golden', 'marts', 'segments')"
    )
    found = {}
    for schema, table in zip(*names.to_pydict().values(), strict=True):
        row = warehouse.read(
            "select count(*) as n, md5(string_agg(line, '|' order by line collate \"C\")) as hash "
            "from (select replace(t::text, current_database(), 'here') as line "
            f"from {schema}.{table} as t) as lines"
        ).to_pylist()[0]
        found[f"{schema}.{table}"] = (row["n"], row["hash"])
    return found


@pytest.fixture
def copy(postgres: Warehouse, company: Warehouse) -> Iterator[Warehouse]:
    """A copy of the built company, to do with as one likes."""
    with database(postgres, f"company_copy_{os.getpid()}", like=company.address.database) as warehouse:
        yield warehouse


def test_a_second_run_changes_nothing(company: Warehouse, copy: Warehouse, dbt: Dbt) -> None:
    before = digests(company)
    done = dbt(copy, "build", "--exclude", "test_type:unit")
    assert done.returncode == 0, done.stdout
    assert digests(copy) == before


def test_nothing_in_gives_empty_tables(warehouse: Warehouse, dbt: Dbt) -> None:
    """No source has a table and the identity stage has never run: everything is built, empty, and passes."""
    done = dbt(warehouse, "build", "--exclude", "test_type:unit")
    assert done.returncode == 0, done.stdout
    found = digests(warehouse)
    filled = {name.removeprefix("golden.") for name, (n, _) in found.items() if n and name.startswith("golden.")}
    assert filled - SEEDS == {"attribute_rules", "consent_rules"}
    assert (
        found["golden.profiles"][0] == found["marts.interactions"][0] == found["segments.segment_memberships"][0] == 0
    )
    assert warehouse.read("select count(*) as n from identity.identity_records")["n"][0].as_py() == 0
    assert not warehouse.has_table("raw_salesforce", "contacts")


def test_what_somebody_tampered_with_is_found(copy: Warehouse, dbt: Dbt) -> None:
    with copy.connect() as connection:
        for statement in TAMPERING.values():
            assert connection.execute(statement).rowcount > 0, statement
    done = dbt(copy, "test", "--select", "test_type:singular")
    failed = set(re.findall(r"Failure in test (\w+)", done.stdout))
    assert set(TAMPERING) - failed == set(), done.stdout


def test_a_record_in_no_customer_stops_the_run(copy: Warehouse, dbt: Dbt) -> None:
    with copy.connect() as connection:
        connection.execute("delete from identity.record_customers where record_id = 'zendesk:user:3'")
    done = dbt(copy, "build", "--selector", "serve")
    assert done.returncode != 0
    assert "Failure in test golden_every_record_in_exactly_one_customer" in done.stdout


@pytest.mark.skipif(not SUPPORTED, reason="needs a PostgreSQL of Debian's; .ci/run installs postgresql-15")
@pytest.mark.parametrize("version", SUPPORTED)
def test_another_postgres_says_the_same(company: Warehouse, dbt: Dbt, version: str) -> None:
    with debian_postgres(version) as server:
        tell_company(server)
        done = dbt(server, "build")
        assert done.returncode == 0, done.stdout
        assert server.read("select current_setting('server_version') as v")["v"][0].as_py().startswith(f"{version}.")
        assert digests(server) == digests(company)
