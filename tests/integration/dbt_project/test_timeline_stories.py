"""Stories that support agents know: what belongs to one conversation across channels, and what does not."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from psycopg import sql

from orchestration.warehouse import Warehouse
from tests.integration.dbt_project.conftest import announce_everything

Dbt = Callable[..., subprocess.CompletedProcess[str]]
TIMELINE = ("run", "--select", "order_numbers", "written_identifiers", "path:models/marts/timeline")
OWNERS = {
    "ga4:client:mia": "mia",
    "store:client:mia": "mia",
    "x:user:mia": "mia",
    "caller:number:mia": "mia",
    "shopify:customer:carla": "carla",
    "meta:instagram_user:carla": "carla",
    "zendesk:user:carla": "carla",
    "caller:number:carla": "carla",
    "zendesk:user:tom": "tom",
    "meta:instagram_user:lea": "lea",
    "caller:number:lea": "lea by phone",
}


def write(warehouse: Warehouse, table: str, *rows: dict[str, Any]) -> None:
    with warehouse.connect() as connection:
        for row in rows:
            connection.execute(
                sql.SQL("insert into {} ({}) values ({})").format(
                    sql.Identifier(*table.split(".")),
                    sql.SQL(", ").join(map(sql.Identifier, row)),
                    sql.SQL(", ").join([sql.Placeholder()] * len(row)),
                ),
                list(row.values()),
            )


def touch(number: str, record_id: str | None, at: str, channel: str, kind: str, **other: Any) -> dict[str, Any]:
    row = {"source": record_id.split(":")[0] if record_id else "web", "stream": "s", "direction": "inbound"} | other
    return row | {
        "interaction_id": number,
        "record_id": record_id,
        "occurred_at": at,
        "channel": channel,
        "kind": kind,
    }


def tell(warehouse: Warehouse) -> None:
    write(
        warehouse,
        "identity.record_customers",
        *({"record_id": record, "customer_id": owner, "link_strength": 1} for record, owner in OWNERS.items()),
    )
    files = "staging.stg_files__interactions"
    mia = "ga4:client:mia"
    write(
        warehouse,
        files,
        touch("click", mia, "2026-01-01 20:00", "instagram", "ad_click", campaign="shoes", session_id="s1"),
        touch("view", mia, "2026-01-01 20:01", "web", "product_view", session_id="s1", product_id="shoe"),
        touch("store", "store:client:mia", "2026-01-05 15:00", "store", "visit", product_id="shoe"),
        touch("code", "store:client:mia", "2026-01-05 15:20", "store", "code", direction="outbound"),
        touch("call", "caller:number:mia", "2026-01-08 09:00", "phone", "call", topic="Discount code"),
        touch("nobody", None, "2026-01-08 09:00", "web", "visit"),
        touch("carla called", "caller:number:carla", "2026-01-30 09:00", "phone", "call", body="It is order no. 1042."),
        touch("lea called", "caller:number:lea", "2026-01-12 09:00", "phone", "call"),
    )
    write(
        warehouse,
        "staging.stg_x__mentions",
        {
            "post_id": "1",
            "record_id": "x:user:mia",
            "posted_at": "2026-01-07 10:00",
            "body": "Your code is refused.\nCall me: +1 212 736 5081",
        },
    )
    write(
        warehouse,
        "staging.stg_shopify__orders",
        {
            "order_id": "o1",
            "order_name": "#1042",
            "record_id": "shopify:customer:carla",
            "ordered_at": "2026-01-02 21:00",
            "channel": "instagram",
            "total_amount": 49,
            "currency": "USD",
        },
        {"order_id": "o2", "order_name": "#1043", "ordered_at": "2026-01-02 21:00", "channel": "store"},
    )
    message = {"platform": "instagram", "direction": "inbound"}
    write(
        warehouse,
        "staging.stg_meta__messages",
        {
            "message_id": "carla",
            "record_id": "meta:instagram_user:carla",
            "sent_at": "2026-01-12 19:00",
            "body": "Where is #1042? ada@example.com",
            **message,
        },
        {"message_id": "lea", "record_id": "meta:instagram_user:lea", "sent_at": "2026-01-10 19:00", **message},
    )
    write(
        warehouse,
        "staging.stg_zendesk__tickets",
        {
            "ticket_id": "carla",
            "record_id": "zendesk:user:carla",
            "channel": "chat",
            "subject": "Order 1042",
            "status": "open",
            "created_at": "2026-01-20 10:00",
        },
        {"ticket_id": "1", "record_id": "zendesk:user:tom", "status": "solved", "created_at": "2025-12-01 10:00"},
        {"ticket_id": "2", "record_id": "zendesk:user:tom", "status": "solved", "created_at": "2026-01-01 10:00"},
        {"ticket_id": "3", "record_id": "zendesk:user:tom", "status": "new", "created_at": "2026-02-02 10:00"},
    )


@pytest.fixture(scope="module")
def told(postgres: Warehouse, dbt: Dbt) -> Iterator[Warehouse]:
    name = sql.Identifier(f"timeline_{os.getpid()}")
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(name))
    warehouse = Warehouse(postgres.address.with_database(f"timeline_{os.getpid()}"))
    prepared = dbt(warehouse, "build", "--selector", "prepare", "--exclude-resource-type", "test")
    assert prepared.returncode == 0, prepared.stdout
    views = warehouse.read("select table_name from information_schema.views where table_schema = 'staging'")
    with warehouse.connect() as connection:
        for view in views["table_name"].to_pylist():
            connection.execute(f"create table staging.held as table staging.{view}")
            connection.execute(f"drop view staging.{view} cascade")
            connection.execute(f"alter table staging.held rename to {view}")
    tell(warehouse)
    done = dbt(warehouse, *TIMELINE)
    assert done.returncode == 0, done.stdout
    yield warehouse
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(name))


def conversations(warehouse: Warehouse, customer: str) -> list[list[str]]:
    """The interactions of each conversation, in the order of time."""
    rows = warehouse.read(
        "select array_agg(interaction_id order by occurred_at) as ids from marts.interactions "
        "where customer_id = $1 and conversation_id is not null group by conversation_id order by min(occurred_at)",
        (customer,),
    )
    ids: list[list[str]] = rows["ids"].to_pylist()
    return ids


def one(warehouse: Warehouse, query: str, *parameters: object) -> dict[str, Any]:
    rows: list[dict[str, Any]] = warehouse.read(query, parameters).to_pylist()
    assert len(rows) == 1, rows
    return rows[0]


def test_from_an_advertisement_to_a_call_is_one_thread(told: Warehouse) -> None:
    assert conversations(told, "mia") == [
        [
            "files:ga4:s:click",
            "files:ga4:s:view",
            "files:store:s:store",
            "files:store:s:code",
            "x:mention:1",
            "files:caller:s:call",
        ]
    ]
    thread = one(told, "select * from marts.conversations where customer_id = 'mia'")
    assert thread["channels"] == ["instagram", "web", "store", "x", "phone"]
    assert (thread["handover_count"], thread["topic"], thread["last_channel"]) == (2, "Discount code", "phone")
    post = one(told, "select subject, body from marts.interactions where kind = 'mention'")
    assert post["subject"] == "Your code is refused."
    assert post["body"].endswith("5081")


def test_a_message_a_chat_and_a_call_about_one_order_are_one_thread(told: Warehouse) -> None:
    assert conversations(told, "carla") == [
        ["shopify:order:o1", "meta:message:carla", "zendesk:ticket:carla", "files:caller:s:carla called"]
    ]
    thread = one(told, "select * from marts.conversations where customer_id = 'carla'")
    assert thread["channels"] == ["instagram", "chat", "phone"]
    assert (thread["order_ids"], thread["case_ids"]) == (["o1"], ["zendesk:ticket:carla"])
    assert thread["has_open_case"]
    assert thread["first_reply_minutes"] is None


def test_two_tickets_a_month_apart_are_two_and_what_is_to_come_is_none(told: Warehouse) -> None:
    assert conversations(told, "tom") == [["zendesk:ticket:1"], ["zendesk:ticket:2"]]
    assert one(told, "select count(*) as n from marts.interactions where customer_id = 'tom'") == {"n": 3}


def test_what_nobody_did_is_kept_and_has_no_conversation(told: Warehouse) -> None:
    nobody = told.read("select interaction_id, conversation_id from marts.interactions where customer_id is null")
    assert sorted(nobody["interaction_id"].to_pylist()) == ["files:web:s:nobody", "shopify:order:o2"]
    assert set(nobody["conversation_id"].to_pylist()) == {None}


def test_what_was_written_is_evidence_of_its_record(told: Warehouse, dbt: Dbt) -> None:
    row = {"source": "caller", "entity": "number", "native_id": "carla", "full_name": "Carla"}
    write(told, "staging.stg_files__people", {"record_id": "caller:number:carla", **row})
    account = {"record_id": "meta:instagram_user:carla", "platform": "instagram", "account_id": "carla"}
    write(told, "staging.stg_meta__accounts", account)
    done = dbt(told, "run", "--select", "identity_records")
    assert done.returncode == 0, done.stdout
    rows = told.read("select record_id, mentions from identity.identity_records").to_pylist()
    assert {row["record_id"]: row["mentions"] for row in rows} == {
        "caller:number:carla": ["order=shopify:customer:carla"],
        "meta:instagram_user:carla": ["email=ada@example.com", "order=shopify:customer:carla"],
    }


def test_a_merge_joins_threads_and_later_words_leave_the_name(told: Warehouse, dbt: Dbt) -> None:
    before = one(told, "select conversation_id from marts.conversations where customer_id = 'lea'")
    assert conversations(told, "lea by phone") == [["files:caller:s:lea called"]]
    with told.connect() as connection:
        connection.execute(
            "update identity.record_customers set customer_id = 'lea' where customer_id = 'lea by phone'"
        )
    write(
        told,
        "staging.stg_x__mentions",
        {"post_id": "lea", "record_id": "meta:instagram_user:lea", "posted_at": "2026-01-14", "body": "?"},
    )
    announce_everything(told)
    done = dbt(told, *TIMELINE)
    assert done.returncode == 0, done.stdout
    assert conversations(told, "lea by phone") == []
    assert conversations(told, "lea") == [["meta:message:lea", "files:caller:s:lea called", "x:mention:lea"]]
    assert one(told, "select conversation_id from marts.conversations where customer_id = 'lea'") == before
