"""Everything of the selector `serve` over a few people whose story is known: profiles, consent, timeline, segments."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from orchestration.warehouse import Warehouse

Dbt = Callable[..., subprocess.CompletedProcess[str]]
PROJECT = Path(__file__).parents[3] / "dbt_project"
ROOMS = ("golden", "marts", "segments")
UNIT_TESTS = [f"test_type:unit,path:models/{room}" for room in ROOMS]


def insert(warehouse: Warehouse, schema: str, table: str, *rows: dict[str, Any]) -> None:
    with warehouse.connect() as connection:
        for row in rows:
            connection.execute(
                sql.SQL("insert into {} ({}) values ({})").format(
                    sql.Identifier(schema, table),
                    sql.SQL(", ").join(map(sql.Identifier, row)),
                    sql.SQL(", ").join([sql.Placeholder()] * len(row)),
                ),
                list(row.values()),
            )


def digests(warehouse: Warehouse) -> dict[str, tuple[int, str | None]]:
    """Number of rows and a hash of each table, whatever the order of its rows."""
    names = warehouse.read(
        "select table_schema, table_name from information_schema.tables "
        "where table_schema in ('golden', 'marts', 'segments')"
    )
    found = {}
    for schema, table in zip(*names.to_pydict().values(), strict=True):
        row = warehouse.read(
            f"select count(*) as n, md5(string_agg(t::text, '|' order by t::text)) as hash from {schema}.{table} as t"
        ).to_pylist()[0]
        found[f"{schema}.{table}"] = (row["n"], row["hash"])
    return found


def record(record_id: str, customer: str, **other: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    source, entity, native_id = record_id.split(":")
    person = {"record_id": record_id, "source": source, "entity": entity, "native_id": native_id} | other
    return person, {"record_id": record_id, "customer_id": customer, "link_strength": 0.99}


def identifier(record_id: str, kind: str, value: str, *, valid: bool = True) -> dict[str, Any]:
    return {"record_id": record_id, "kind": kind, "raw_value": value, "is_valid": valid} | (
        {"value": value, "match_key": value} if valid else {"rejection_reason": "placeholder"}
    )


def tell(warehouse: Warehouse) -> None:
    """Ada: CRM, shop and help desk. Bob: an account of the shop. A till sale of nobody."""
    ada_crm, ada_shop, ada_desk, bob = (
        "salesforce:contact:1",
        "shopify:customer:1",
        "zendesk:user:1",
        "shopify:customer:2",
    )
    name = {"full_name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace"}
    address = {"street": "1 New St", "city": "London", "postcode": "N1"}
    told = [
        record(
            ada_crm,
            "ada",
            **name,
            updated_at="2025-01-01",
            created_at="2020-01-01",
            street="9 Old Rd",
            city="Bath",
            postcode="B1",
        ),
        record(ada_shop, "ada", **name | address, updated_at="2026-01-01", created_at="2025-01-01", language="en"),
        record(ada_desk, "ada", full_name="ada lovelace", created_at="2024-01-01", updated_at="2024-01-01"),
        record(bob, "bob", full_name="Bob Bo", created_at="2025-06-01", updated_at="2025-06-01"),
    ]
    insert(warehouse, "identity", "identity_records", *(person for person, _ in told))
    insert(warehouse, "identity", "record_customers", *(belongs for _, belongs in told))
    insert(
        warehouse,
        "identity",
        "identifiers",
        identifier(ada_crm, "email", "test@test.com", valid=False),
        identifier(ada_shop, "email", "ada@new.example"),
        identifier(ada_desk, "email", "ada@old.example"),
        identifier(ada_desk, "phone", "+442071838750"),
        identifier(bob, "email", "bob@bo.example"),
    )
    insert(
        warehouse,
        "staging",
        "stg_salesforce__contacts",
        {"record_id": ada_crm, "email_opt_out": True, "do_not_call": False},
    )
    insert(
        warehouse,
        "staging",
        "stg_shopify__customers",
        {
            "record_id": ada_shop,
            "email": "ada@new.example",
            "verified_email": True,
            "email_marketing_state": "SUBSCRIBED",
            "sms_marketing_state": "SUBSCRIBED",
        },
        {"record_id": bob, "email": "bob@bo.example", "email_marketing_state": "SUBSCRIBED"},
    )
    sale = {"currency": "USD", "financial_status": "PAID", "is_pickup": False, "discount_amount": 0}
    orders = (
        ("o1", ada_shop, "web", "2025-12-01", 20),
        ("o2", ada_shop, "store", "2026-01-20", 30),
        ("o3", bob, "web", "2025-09-01", 5),
        ("o4", bob, "web", "2025-09-20", 5),
        ("o5", None, "store", "2026-01-02", 7),
    )
    insert(
        warehouse,
        "staging",
        "stg_shopify__orders",
        *(
            {"order_id": i, "record_id": r, "channel": c, "ordered_at": t, "total_amount": a, **sale}
            for i, r, c, t, a in orders
        ),
    )
    insert(warehouse, "staging", "stg_shopify__products", {"product_id": "game", "title": "Game", "category": "Games"})
    insert(
        warehouse,
        "staging",
        "stg_shopify__order_lines",
        {"order_line_id": "l1", "order_id": "o2", "product_id": "game", "quantity": 1, "unit_price": 30},
    )
    insert(
        warehouse,
        "staging",
        "stg_shopify__abandoned_checkouts",
        {"checkout_id": "k1", "record_id": ada_shop, "started_at": "2026-01-19", "product_ids": ["game"]},
        {"checkout_id": "k2", "record_id": bob, "started_at": "2026-01-25", "product_ids": ["game"]},
    )
    insert(
        warehouse,
        "staging",
        "stg_zendesk__tickets",
        {
            "ticket_id": "t1",
            "record_id": ada_desk,
            "status": "open",
            "channel": "email",
            "created_at": "2026-01-28",
            "due_at": "2026-01-30",
        },
    )


@pytest.fixture(scope="module")
def empty(postgres: Warehouse, dbt: Dbt) -> Iterator[Warehouse]:
    """A warehouse with nothing in it but the shapes: staging as tables that can be filled, identity without rows."""
    name = f"golden_{os.getpid()}"
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    warehouse = Warehouse(postgres.address.with_database(name))
    prepared = dbt(warehouse, "build", "--selector", "prepare")
    assert prepared.returncode == 0, prepared.stdout
    views = warehouse.read("select table_name from information_schema.views where table_schema = 'staging'")
    with warehouse.connect() as connection:
        for view in views["table_name"].to_pylist():
            connection.execute(f"create table staging.held as table staging.{view}")
            connection.execute(f"drop view staging.{view}")
            connection.execute(f"alter table staging.held rename to {view}")
    yield warehouse
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def served_empty(empty: Warehouse, dbt: Dbt) -> dict[str, tuple[int, str | None]]:
    done = dbt(empty, "build", "--selector", "serve")
    assert done.returncode == 0, done.stdout
    return digests(empty)


@pytest.fixture(scope="module")
def served(empty: Warehouse, served_empty: object, dbt: Dbt) -> Warehouse:
    tell(empty)
    done = dbt(empty, "build", "--selector", "serve")
    assert done.returncode == 0, done.stdout
    return empty


def one(warehouse: Warehouse, query: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = warehouse.read(query).to_pylist()
    assert len(rows) == 1, rows
    return rows[0]


def members(warehouse: Warehouse, segment: str) -> list[str]:
    found = warehouse.read(
        "select customer_id from segments.segment_memberships where segment = $1 order by 1", (segment,)
    )
    customers: list[str] = found["customer_id"].to_pylist()
    return customers


def test_nothing_in_gives_empty_tables(served_empty: dict[str, tuple[int, str | None]]) -> None:
    seeds = {file.stem for file in (PROJECT / "seeds").rglob("*.csv")}
    filled = {name.removeprefix("golden.") for name, (n, _) in served_empty.items() if n and name.startswith("golden.")}
    assert filled - seeds == {"attribute_rules", "consent_rules"}
    assert served_empty["golden.profiles"][0] == served_empty["marts.interactions"][0] == 0


def test_a_profile_is_put_together_by_the_rules(served: Warehouse) -> None:
    ada = one(served, "select * from golden.customers where customer_id = 'ada'")
    assert (ada["full_name"], ada["family_name"], ada["email"]) == ("Ada Lovelace", "Lovelace", "ada@new.example")
    assert (ada["street"], ada["city"], ada["postcode"]) == ("1 New St", "London", "N1")
    assert (ada["phone"], ada["record_count"]) == ("+442071838750", 3)
    assert sorted(ada["sources"]) == ["salesforce", "shopify", "zendesk"]


def test_where_did_this_e_mail_come_from_is_one_query(served: Warehouse) -> None:
    email = one(
        served,
        "select *, alternatives->0->>'value' as lost from golden.golden_attributes "
        "where customer_id = 'ada' and attribute = 'email'",
    )
    assert (email["record_id"], email["rule"]) == ("shopify:customer:1", "verified_first")
    assert email["lost"] == "ada@old.example"


def test_a_placeholder_is_nobodys_contact_point(served: Warehouse) -> None:
    points = served.read(
        "select value, type, is_primary, unreachable_reason, match_key from golden.contact_points "
        "where customer_id = 'ada' and kind = 'email' order by value"
    ).to_pylist()
    assert [tuple(point.values())[:3] for point in points] == [
        ("ada@new.example", "personal", True),
        ("ada@old.example", "personal", False),
        ("test@test.com", "unreachable", False),
    ]
    assert (points[2]["unreachable_reason"], points[2]["match_key"]) == ("placeholder", None)


def test_an_opt_out_in_one_system_holds_in_all(served: Warehouse) -> None:
    ada = one(
        served, "select email_marketing_consent, sms_marketing_consent from golden.customers where customer_id = 'ada'"
    )
    assert ada == {"email_marketing_consent": "denied", "sms_marketing_consent": "granted"}
    # The refusal of e-mail holds for audiences that are matched by it; nobody refused an answer.
    asked = "select state, basis from golden.consents where customer_id = 'ada' and channel = "
    assert one(served, asked + "'advertising' and purpose = 'marketing'") == {"state": "denied", "basis": "stated"}
    assert one(served, asked + "'phone' and purpose = 'service'") == {"state": "granted", "basis": "default"}


def test_a_profile_is_one_document(served: Warehouse) -> None:
    found = one(served, "select document::text as document from golden.profiles where customer_id = 'ada'")
    ada = json.loads(found["document"])
    assert ada["primary"] == {"email": "ada@new.example", "phone": "+442071838750", "instagram": None, "x": None}
    assert (ada["address"]["since"], ada["address"]["previous_city"]) == ("2026-01-01T00:00:00Z", "Bath")
    assert ada["attributes"]["street"]["alternatives"][0]["lost_because"] == "older"
    assert {record["record_id"] for record in ada["records"]} > {"salesforce:contact:1", "zendesk:user:1"}
    refused = [e["field"] for c in ada["consents"] for e in c["evidence"] if e["state"] == "denied"]
    assert (len(ada["consents"]), set(refused), ada["household"]) == (10, {"email_opt_out"}, None)


def test_the_till_sale_is_on_the_timeline_and_nobodys(served: Warehouse) -> None:
    assert one(served, "select customer_id from marts.interactions where reference_id = 'o5'") == {"customer_id": None}
    assert one(
        served,
        "select sum(revenue)::float8 as all, sum(revenue) filter (where customer_id is null)::float8 as "
        "till from marts.orders",
    ) == {"all": 67.0, "till": 7.0}


def test_a_basket_bought_in_the_store_is_no_reminder(served: Warehouse) -> None:
    assert members(served, "abandoned_checkout") == ["bob"]


def test_what_was_just_bought_is_suppressed_even_for_someone_unhappy(served: Warehouse) -> None:
    assert members(served, "unhappy_recently") == ["ada"]
    assert members(served, "recent_buyers_suppression") == ["ada"]
    assert members(served, "omnichannel_shoppers") == []
    assert served.read("select customer_id from segments.seg_omnichannel_shoppers").num_rows == 1
    assert members(served, "lapsing") == ["bob"]


def test_a_second_run_changes_nothing(served: Warehouse, dbt: Dbt) -> None:
    before = digests(served)
    done = dbt(served, "build", "--selector", "serve")
    assert done.returncode == 0, done.stdout
    assert digests(served) == before


def test_the_unit_tests_of_the_models(served: Warehouse, dbt: Dbt) -> None:
    done = dbt(served, "test", "--select", *UNIT_TESTS)
    assert done.returncode == 0, done.stdout
    assert "Nothing to do" not in done.stdout


def test_a_record_in_no_customer_stops_the_run(served: Warehouse, dbt: Dbt) -> None:
    person, _ = record("shopify:customer:3", "nobody", full_name="Lost")
    insert(served, "identity", "identity_records", person)
    try:
        done = dbt(served, "build", "--selector", "serve")
    finally:
        with served.connect() as connection:
            connection.execute("delete from identity.identity_records where native_id = '3'")
    assert done.returncode != 0
    assert "Failure in test golden_every_record_in_exactly_one_customer" in done.stdout
