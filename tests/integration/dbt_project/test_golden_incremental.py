"""Golden after changes, merges and splits says what a build from nothing says, and writes only who changed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from psycopg import sql

from orchestration.warehouse import Warehouse
from tests.integration.dbt_project.conftest import announce_everything

Dbt = Callable[..., subprocess.CompletedProcess[str]]
TABLES: Final = (
    "record_inputs", "record_identifiers", "golden_attributes", "contact_points", "consent_statements", "consents",
    "contact_permissions", "shared_refusals", "contact_obstacles",
    "household_addresses", "household_bonds", "household_members", "households", "customers", "profiles",
)  # fmt: skip


class Golden:
    """A warehouse with golden in it: changed by SQL, built, and read back."""

    def __init__(self, warehouse: Warehouse, dbt: Dbt) -> None:
        self.warehouse, self.dbt = warehouse, dbt

    def say(self, *statements: str) -> None:
        with self.warehouse.connect() as connection:
            for statement in statements:
                connection.execute(statement)
        announce_everything(self.warehouse)

    def build(self, *arguments: str) -> None:
        done = self.dbt(
            self.warehouse, "build", "--select", "path:models/golden", "path:seeds/golden", "survivorship_rules",
            "source_priorities", "consent_states", "--exclude", "resource_type:test", "test_type:unit", *arguments,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout

    def rows(self) -> dict[str, list[str]]:
        return {
            table: self.warehouse.read(f"select t::text as row from golden.{table} as t order by 1")["row"].to_pylist()
            for table in TABLES
        }

    def written(self, table: str = "customers") -> dict[str, str]:
        """Per customer the transaction that wrote the row."""
        found = self.warehouse.read(f"select customer_id, xmin::text as wrote from golden.{table}").to_pylist()
        return {row["customer_id"]: row["wrote"] for row in found}

    def check(self) -> dict[str, list[str]]:
        """What stands equals what a build from nothing gives."""
        self.build()
        later = self.rows()
        self.build("--full-refresh")
        assert self.rows() == later
        return later

    def one(self, query: str) -> dict[str, Any]:
        (row,) = self.warehouse.read(query).to_pylist()
        found: dict[str, Any] = row
        return found


RECORDS: Final = """
    insert into identity.identity_records
        (record_id, source, entity, native_id, full_name, given_name, family_name, street, city, postcode,
         created_at, updated_at)
    select
        kind || ':' || n, split_part(kind, ':', 1), split_part(kind, ':', 2), n, 'Given' || n || ' Family' || n / 4,
        'Given' || n, 'Family' || n / 4, n / 4 || ' Main Street', 'Town', 'N' || n / 4,
        date '2020-01-01' + n, date '2025-01-01' + n
    from generate_series(0, 39) as n, unnest(array['shopify:customer', 'zendesk:user']) as kind
"""
"""Forty people with an account in the shop and one at the help desk, four of them to an address."""


@pytest.fixture
def golden(postgres: Warehouse, dbt: Dbt) -> Iterator[Golden]:
    name = f"golden_incremental_{os.getpid()}"
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    warehouse = Warehouse(postgres.address.with_database(name))
    prepared = dbt(warehouse, "build", "--selector", "prepare", "--exclude", "resource_type:test")
    assert prepared.returncode == 0, prepared.stdout
    made = Golden(warehouse, dbt)
    for view in ("stg_shopify__customers", "stg_salesforce__contacts", "stg_zendesk__user_identities"):
        made.say(
            f"create table staging.held as table staging.{view}",
            f"drop view staging.{view} cascade",
            f"alter table staging.held rename to {view}",
        )
    made.say(
        RECORDS,
        "insert into identity.record_customers select record_id, 'c' || lpad(native_id, 2, '0'), 0.99 "
        "from identity.identity_records",
        "insert into identity.identifiers select record_id, 'email', 'p' || native_id || '@a.example', "
        "'p' || native_id || '@a.example', 'p' || native_id || '@a.example', true, null from identity.identity_records",
        "insert into identity.identifiers select record_id, 'phone', '+49' || native_id::int / 2, "
        "'+49' || native_id::int / 2, '+49' || native_id::int / 2, true, null from identity.identity_records",
        "insert into identity.shared_identifiers (kind, value, class, records) "
        "values ('phone', '+490', 'household', 4)",
        "insert into staging.stg_shopify__customers (record_id, email, email_marketing_state, updated_at) "
        "select record_id, 'p' || native_id || '@a.example', 'SUBSCRIBED', updated_at from identity.identity_records "
        "where source = 'shopify'",
    )
    yield made
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.mark.slow
def test_later_runs_are_what_a_build_from_nothing_gives(golden: Golden) -> None:
    golden.build()
    assert golden.one("select count(*) as n from golden.households") == {"n": 10}
    first, wrote = golden.rows(), golden.written("profiles")

    # A second run changes nothing, and writes nothing.
    golden.build()
    assert golden.rows() == first
    assert golden.written("profiles") == wrote

    # A third: a new person, a move, an opt-out, an address that bounces, a number that turns out to be a firm's.
    golden.say(
        "insert into identity.identity_records (record_id, source, entity, native_id, full_name, street, postcode) "
        "values ('x:user:n', 'x', 'user', 'n', 'New One', '9 Main Street', 'N9')",
        "insert into identity.record_customers values ('x:user:n', 'new', 1.0)",
        "update identity.identity_records set street = '1 Far Away', postcode = 'F1', city = 'Else', "
        "updated_at = '2026-01-20' where record_id = 'shopify:customer:5'",
        "update staging.stg_shopify__customers set email_marketing_state = 'UNSUBSCRIBED' where record_id = "
        "'shopify:customer:6'",
        "update staging.stg_shopify__customers set email_marketing_state = 'INVALID' where record_id = "
        "'shopify:customer:7'",
        "insert into identity.shared_identifiers (kind, value, class, records) values ('phone', '+496', 'business', 4)",
    )
    golden.build()
    changed = golden.written("profiles")
    touched = {customer for customer in changed if changed[customer] != wrote.get(customer)}
    # Who lived with one of them has another household, and colleagues at one address have none.
    assert touched == {"new", *(f"c{n:02}" for n in (4, 5, 6, 7, 12, 13, 14, 15, 36, 37, 38, 39))}
    moved = golden.one("select city, previous_city, household_id from golden.customers where customer_id = 'c05'")
    assert moved == {"city": "Else", "previous_city": "Town", "household_id": None}
    bounced = golden.one("select email, email_reachable from golden.customers where customer_id = 'c07'")
    assert bounced == {"email": None, "email_reachable": False}
    colleagues = golden.one("select count(*) as n from golden.household_members where customer_id in ('c12', 'c13')")
    assert colleagues == {"n": 0}
    golden.check()

    # A fourth: two become one, one becomes two, one is gone.
    golden.say(
        "update identity.record_customers set customer_id = 'c20', link_strength = 0.7 where customer_id = 'c06'",
        "update identity.record_customers set customer_id = 'split' where record_id = 'zendesk:user:30'",
        "delete from identity.identifiers where record_id like '%:33'",
        "delete from identity.record_customers where customer_id = 'c33'",
        "delete from identity.identity_records where native_id = '33'",
    )
    golden.check()
    merged = golden.one("select record_count, link_strength, email_marketing_consent from golden.customers "
                        "where customer_id = 'c20'")  # fmt: skip
    assert merged == {"record_count": 4, "link_strength": 0.7, "email_marketing_consent": "denied"}
    alive = set(golden.written())
    assert {"split", "c30"} <= alive and not {"c06", "c33"} & alive

    # A fifth: only the sibling of the split changes.
    golden.say("update identity.identity_records set city = 'Older' where record_id = 'zendesk:user:30'")
    golden.check()


@pytest.mark.slow
def test_a_changed_rule_is_applied_to_everyone(golden: Golden) -> None:
    golden.say("update identity.identity_records set language = case source when 'shopify' then 'en' else 'de' end, "
               "updated_at = case source when 'shopify' then date '2025-01-01' else date '2025-06-01' end")  # fmt: skip
    golden.build()
    assert golden.one("select array_agg(distinct language) as said from golden.customers") == {"said": ["de"]}
    golden.say("update golden.survivorship_rules set rule = 'source_priority' where attribute = 'language'")
    done = golden.dbt(golden.warehouse, "run", "--select", "path:models/golden")
    assert done.returncode == 0, done.stdout
    assert golden.one("select array_agg(distinct language) as said from golden.customers") == {"said": ["en"]}


@pytest.mark.slow
def test_a_refusal_holds_for_who_shares_the_address_until_it_is_taken_back(golden: Golden) -> None:
    in_the_way = "select sms from golden.contact_obstacles where customer_id = 'c09' and purpose = 'marketing'"
    golden.say("update staging.stg_shopify__customers set sms_marketing_state = 'SUBSCRIBED' "
               "where record_id = 'shopify:customer:9'")  # fmt: skip
    golden.build()
    assert golden.one(in_the_way) == {"sms": None}

    def refuses(state: str) -> None:
        golden.say(f"update staging.stg_shopify__customers set sms_marketing_state = '{state}' "
                   "where record_id = 'shopify:customer:8'")  # fmt: skip

    for change, found in (
        (lambda: refuses("UNSUBSCRIBED"), "address_refused"),
        (lambda: refuses("SUBSCRIBED"), None),
        (lambda: refuses("UNSUBSCRIBED"), "address_refused"),
        (lambda: golden.say("delete from identity.identifiers where record_id like '%:8' and kind = 'phone'"), None),
    ):
        change()
        golden.build()
        assert golden.one(in_the_way) == {"sms": found}
    golden.check()
