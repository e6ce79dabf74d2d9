"""Metrics and journeys after the first run: whatever came, changed, went or changed hands: as if built anew."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import sql

from orchestration.warehouse import Warehouse
from tests.integration.dbt_project.conftest import announce_everything

pytestmark = pytest.mark.slow

Dbt = Callable[..., subprocess.CompletedProcess[str]]
ROOMS = ("path:models/marts/sales", "path:models/marts/customers", "path:models/marts/journeys")
TOUCHPOINTS = (
    "order_numbers",
    "written_identifiers",
    "touchpoints",
    *(f"touchpoints_{source}" for source in ("shopify", "zendesk", "meta", "x", "salesforce", "files")),
)
ACCOUNTS = tuple(f"path:tests/marts_{subject}_*" for subject in ("sales", "metrics", "journey"))
FOLLOWERS = ("channel_days", "customer_activity", "customer_answers", "customer_sales", "customer_figures")
START = datetime(2025, 11, 1, tzinfo=UTC)
PEOPLE = 12


class Shop:
    """Staging that can be written into, and the customers that identity would have decided on."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse, self.draw, self.numbers = warehouse, random.Random(4), itertools.count(1)

    def run(self, statement: str, *parameters: object) -> None:
        with self.warehouse.connect(autocommit=True) as connection:
            connection.execute(statement, parameters or None)

    def write(self, schema: str, table: str, **row: object) -> None:
        with self.warehouse.connect(autocommit=True) as connection:
            connection.execute(
                sql.SQL("insert into {} ({}) values ({})").format(
                    sql.Identifier(schema, table),
                    sql.SQL(", ").join(map(sql.Identifier, row)),
                    sql.SQL(", ").join([sql.Placeholder()] * len(row)),
                ),
                list(row.values()),
            )

    def people(self) -> None:
        for person in range(PEOPLE):
            record = {"record_id": f"web:client:{person}"}
            self.write("identity", "identity_records", source="web", entity="client", native_id=str(person), **record)
            self.write("identity", "record_customers", customer_id=f"c{person}", link_strength=1.0, **record)

    def adds(self, count: int, person: int | None = None) -> None:
        """Touches of anybody, or of one; the last of a hundred days are yet to come."""
        for number in itertools.islice(self.numbers, count):
            kind = self.draw.choice(("visit", "product_view", "add_to_cart", "message", "call", "order", "order_line"))
            kind = self.draw.choice((kind, kind, kind, "survey", "points", "return"))
            self.write(
                "staging",
                "stg_files__interactions",
                source="till",
                stream="sales" if kind != "order_line" else "lines",
                interaction_id=f"till:{kind}:{number}",
                record_id=f"web:client:{self.draw.randrange(PEOPLE + 2) if person is None else person}",
                occurred_at=START + timedelta(minutes=30 * self.draw.randrange(48 * 100)),
                channel=self.draw.choice(("web", "store", "instagram", "phone", None)),
                kind=kind,
                direction=self.draw.choice(("inbound", "inbound", "outbound")) if kind == "message" else "inbound",
                amount=self.draw.randrange(1, 90) if kind in ("order", "order_line", "return") else None,
                currency=self.draw.choice(("USD", "USD", "EUR")),
                quantity=self.draw.randrange(-5, 20) if kind == "points" else 1,
                reference_id=f"n{self.draw.randrange(40)}" if kind in ("order_line", "return") else None,
                category=self.draw.choice(("Games", "Shoes", None)),
                rating=self.draw.randrange(1, 6) if kind == "survey" else None,
                rating_scale=self.draw.choice(("csat_5", "nps")) if kind == "survey" else None,
            )

    def changes(self) -> None:
        touches = "staging.stg_files__interactions"
        self.run(f"update {touches} set channel = 'whatsapp' where interaction_id like '%7'")
        self.run(f"update {touches} set occurred_at = occurred_at + interval '40 days' where interaction_id like '%5'")
        self.run(f"update {touches} set status = 'cancelled' where interaction_id like '%3' and kind like 'order%'")
        self.run(f"delete from {touches} where interaction_id like '%2'")

    def answers(self) -> None:
        """Answers change and nothing else of a day does."""
        self.run(
            "update staging.stg_files__interactions set rating = case rating when 1 then 5 else 1 end "
            "where rating is not null and record_id <> 'web:client:6'"
        )

    def merges(self) -> None:
        """One customer takes in another, one loses a record to a new one."""
        self.run("update identity.record_customers set customer_id = 'c1' where record_id = 'web:client:2'")
        self.run("update identity.record_customers set customer_id = 'c0' where record_id = 'web:client:3'")


@pytest.fixture(scope="module")
def shop(postgres: Warehouse, dbt: Dbt) -> Iterator[Shop]:
    name = f"metrics_{os.getpid()}"
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
    shop = Shop(warehouse)
    shop.people()
    for arguments in (("seed",), ("run", "--select", "path:models/golden", "+tickets,path:models/marts")):
        built = dbt(warehouse, *arguments)
        assert built.returncode == 0, built.stdout
    yield shop
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def dump(warehouse: Warehouse) -> dict[str, list[str]]:
    tables = warehouse.read(
        "select table_name from information_schema.tables where table_schema = 'marts' and table_type = 'BASE TABLE'"
    )["table_name"].to_pylist()
    return {
        table: warehouse.read(f"select t::text as row from marts.{table} as t order by 1")["row"].to_pylist()
        for table in tables
    }


def written(warehouse: Warehouse, table: str, customer: str) -> list[Any]:
    """Which transactions wrote the rows of a customer."""
    rows: list[Any] = warehouse.read(
        f"select xmin::text as xmin from marts.{table} where customer_id = $1 order by ctid", (customer,)
    )["xmin"].to_pylist()
    return rows


def build(shop: Shop, dbt: Dbt, *more: str) -> dict[str, list[str]]:
    announce_everything(shop.warehouse)  # the timeline and the orders are compared as a whole, what follows them is not
    done = dbt(shop.warehouse, "run", "--select", *TOUCHPOINTS, *ROOMS, *more)
    assert done.returncode == 0, done.stdout
    return dump(shop.warehouse)


def test_four_runs_are_as_if_built_anew(shop: Shop, dbt: Dbt) -> None:
    shop.adds(160)
    first = build(shop, dbt)
    assert all(first[table] for table in (*FOLLOWERS, "customer_rfm", "journey_transitions", "first_order_paths"))

    shop.adds(3, person=5)
    shop.answers()
    before = {table: written(shop.warehouse, table, "c6") for table in FOLLOWERS}
    second = build(shop, dbt)
    assert second["channel_days"] != first["channel_days"]
    assert second["customer_answers"] != first["customer_answers"]
    assert {table: written(shop.warehouse, table, "c6") for table in FOLLOWERS} == before
    assert build(shop, dbt, "--full-refresh") == second

    shop.changes()
    third = build(shop, dbt)
    assert third != second

    shop.merges()
    shop.adds(10)
    fourth = build(shop, dbt)
    assert fourth != third
    assert build(shop, dbt) == fourth
    assert build(shop, dbt, "--full-refresh") == fourth

    accounts = dbt(shop.warehouse, "test", "--select", *ACCOUNTS, "marts_revenue_equals_staging")
    assert accounts.returncode == 0, accounts.stdout
    assert "Nothing to do" not in accounts.stdout
