"""The timeline after the first run: whatever came, changed, went or changed hands, it is as if built anew."""

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

Dbt = Callable[..., subprocess.CompletedProcess[str]]
Change = Callable[["Shop"], None]
TIMELINE = ("run", "--select", "order_numbers", "written_identifiers", "path:models/marts/timeline")
TABLES = ("marts.touchpoints", "marts.conversation_members", "marts.conversations", "marts.interactions")
START = datetime(2025, 11, 1, tzinfo=UTC)


class Shop:
    """Staging that can be written into, and the customers that identity would have decided on.

    Nobody announces what is written by hand, so `test_roots_follow` has what the timeline itself follows; here it
    is compared as a whole, and what follows it is not.
    """

    def __init__(self, warehouse: Warehouse, draw: random.Random) -> None:
        self.warehouse, self.draw, self.numbers = warehouse, draw, itertools.count(1)

    def sql(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        with self.warehouse.connect(autocommit=True) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def write(self, table: str, **row: object) -> None:
        columns = sql.SQL(", ").join(map(sql.Identifier, row))
        values = sql.SQL(", ").join([sql.Placeholder()] * len(row))
        with self.warehouse.connect(autocommit=True) as connection:
            connection.execute(
                sql.SQL("insert into staging.{} ({}) values ({})").format(sql.Identifier(table), columns, values),
                list(row.values()),
            )

    def moment(self) -> datetime:
        return START + timedelta(hours=self.draw.randrange(24 * 100))  # a few are yet to come: now is 1 February

    def record(self, source: str) -> str:
        return f"{source}:{self.draw.randrange(12)}"

    def text(self) -> str:
        number = 1001 + self.draw.randrange(20)
        return self.draw.choice((f"Where is order #{number}?", "Thank you!", f"order no. {number} is late", "Hello"))

    def adds(self, count: int) -> None:
        for _ in range(count):
            number, at = str(next(self.numbers)), self.moment()
            kind = self.draw.choice(("order", "ticket", "comment", "comment", "message", "message", "visit", "call"))
            web = {"source": "web", "stream": "events", "interaction_id": number, "occurred_at": at}
            if kind == "order":
                self.write(
                    "stg_shopify__orders",
                    order_id=number,
                    order_name=f"#{1001 + self.draw.randrange(20)}",
                    record_id=self.record("shopify:customer"),
                    ordered_at=at,
                    channel="web",
                )
            elif kind == "ticket":
                self.write(
                    "stg_zendesk__tickets",
                    ticket_id=number,
                    record_id=self.record("zendesk:user"),
                    subject=self.text(),
                    status=self.draw.choice(("open", "solved")),
                    channel="chat",
                    created_at=at,
                )
            elif kind == "comment":
                tickets = self.sql("select ticket_id, record_id from staging.stg_zendesk__tickets order by 1")
                ticket, record = self.draw.choice([*tickets, ("none", None)])
                self.write(
                    "stg_zendesk__ticket_comments",
                    comment_id=number,
                    ticket_id=ticket,
                    record_id=self.draw.choice((record, None)),
                    direction=self.draw.choice(("inbound", "outbound")),
                    is_public=True,
                    body=self.text(),
                    created_at=at,
                )
            elif kind == "message":
                self.write(
                    "stg_meta__messages",
                    message_id=number,
                    record_id=self.record("meta:instagram_user"),
                    platform="instagram",
                    direction=self.draw.choice(("inbound", "outbound")),
                    body=self.text(),
                    sent_at=at,
                )
            elif kind == "visit":
                visit = {"kind": "visit", "channel": self.draw.choice(("web", "store")), "direction": "inbound"}
                self.write("stg_files__interactions", record_id=self.record("web:client"), **web, **visit)
            else:
                call = {"kind": "call", "channel": "phone", "direction": "inbound", "sentiment": 0.5}
                call |= {"thread_id": self.draw.choice((None, "k1", "k2"))}
                self.write("stg_files__interactions", record_id=self.record("caller:number"), **web, **call)

    def changes(self) -> None:
        self.sql("update staging.stg_zendesk__ticket_comments set body = 'order #1003' where comment_id like '%%4'")
        self.sql("update staging.stg_shopify__orders set order_name = '#1005' where order_id like '%%2'")
        self.sql(
            "update staging.stg_meta__messages set sent_at = sent_at + interval '10 days' where message_id like '%%5'"
        )
        self.sql("update staging.stg_zendesk__tickets set status = 'solved'")

    def loses(self) -> None:
        for table, key in (
            ("stg_zendesk__ticket_comments", "comment_id"),
            ("stg_shopify__orders", "order_id"),
            ("stg_meta__messages", "message_id"),
            ("stg_files__interactions", "interaction_id"),
        ):
            self.sql(f"delete from staging.{table} where {key} like '%%7'")
        self.sql("delete from identity.record_customers where record_id = 'web:client:1'")

    def merges(self) -> None:
        self.sql("update identity.record_customers set customer_id = 'c1' where customer_id in ('c2', 'c3')")

    def splits(self) -> None:
        self.sql("update identity.record_customers set customer_id = 'c20' where record_id like 'zendesk:user:1%%'")
        self.sql("update identity.record_customers set customer_id = 'c5' where record_id = 'meta:instagram_user:4'")


@pytest.fixture
def shop(warehouse: Warehouse, dbt: Dbt) -> Shop:
    done = dbt(warehouse, "build", "--selector", "prepare", "--exclude-resource-type", "test")
    assert done.returncode == 0, done.stdout
    made = Shop(warehouse, random.Random(4))
    for (view,) in made.sql("select table_name from information_schema.views where table_schema = 'staging'"):
        made.sql(f"create table staging.held as table staging.{view}")
        made.sql(f"drop view staging.{view} cascade")
        made.sql(f"alter table staging.held rename to {view}")
    made.sql(
        "insert into identity.record_customers (record_id, customer_id, link_strength) "
        "select source || ':' || n, 'c' || n, 1 from generate_series(0, 10) as n, "
        "unnest(array['shopify:customer', 'zendesk:user', 'meta:instagram_user', 'web:client', 'caller:number']) "
        "as source"
    )
    return made


def told(warehouse: Warehouse) -> dict[str, list[str]]:
    found = {}
    for table in TABLES:
        rows = warehouse.read(f"select cast(t as text) as line from {table} as t order by 1")
        found[table] = rows["line"].to_pylist()
    return found


@pytest.fixture
def anew(shop: Shop, postgres: Warehouse, dbt: Dbt) -> Iterator[Callable[[], dict[str, list[str]]]]:
    """The timeline built from nothing over the same staging, in a copy of the database."""
    copy = Warehouse(postgres.address.with_database(f"timeline_copy_{os.getpid()}"))
    name, original = sql.Identifier(copy.address.database), sql.Identifier(shop.warehouse.address.database)

    def build() -> dict[str, list[str]]:
        with postgres.connect(autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(name))
            connection.execute(sql.SQL("create database {} template {}").format(name, original))
        done = dbt(copy, *TIMELINE, "--full-refresh")
        assert done.returncode == 0, done.stdout
        return told(copy)

    yield build
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(name))


@pytest.mark.slow
def test_later_runs_are_as_if_built_anew(shop: Shop, dbt: Dbt, anew: Callable[[], dict[str, list[str]]]) -> None:
    steps: tuple[tuple[Change, ...], ...] = (
        (lambda shop: shop.adds(250),),
        (lambda shop: shop.adds(20), Shop.changes),
        (Shop.loses, Shop.merges),
        (Shop.splits, lambda shop: shop.adds(10)),
    )
    seen = []
    for step in steps:
        for change in step:
            change(shop)
        announce_everything(shop.warehouse)
        done = dbt(shop.warehouse, *TIMELINE)
        assert done.returncode == 0, done.stdout
        seen.append(told(shop.warehouse))
        assert seen[-1] == anew()
    assert all(len(tables["marts.conversations"]) > 20 for tables in seen)
    assert all(earlier != later for earlier, later in itertools.pairwise(seen))
    orders = shop.sql("select order_evidence, count(*) from marts.interactions group by 1")
    assert {evidence for evidence, _ in orders} == {"record", "written", "ticket", None}


def test_only_who_changed_is_written_again(shop: Shop, dbt: Dbt) -> None:
    shop.adds(120)
    assert dbt(shop.warehouse, *TIMELINE).returncode == 0
    stamps = {table: dict(shop.sql(f"select t.*::text, xmin::text from {table} as t")) for table in TABLES[:3]}
    assert dbt(shop.warehouse, *TIMELINE).returncode == 0
    for table, before in stamps.items():
        assert dict(shop.sql(f"select t.*::text, xmin::text from {table} as t")) == before
    shop.write(
        "stg_meta__messages",
        message_id="new",
        record_id="meta:instagram_user:6",
        platform="instagram",
        direction="inbound",
        sent_at=START + timedelta(days=50),
    )
    announce_everything(shop.warehouse)
    assert dbt(shop.warehouse, *TIMELINE).returncode == 0
    for table in TABLES[:3]:
        written = shop.sql(
            f"select distinct customer_id from {table} as t where not (t.*::text = any(%s))", list(stamps[table])
        )
        assert written == [("c6",)]
