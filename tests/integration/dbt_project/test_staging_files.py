"""Interactions of files in staging: who is named, who is nobody yet, and what does not fit."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import sql

from orchestration.warehouse import Warehouse


def row(number: int, **fields: Any) -> dict[str, Any]:
    """A payload of raw_files.interactions, as the files source writes it."""
    told = {"stream": "visits", "source": "web", "entity": "visit", "native_id": str(number)}
    return told | {"interaction_id": f"web:visit:{number}", "occurred_at": "2026-01-01T10:00:00Z", **fields}


def put(warehouse: Warehouse, *rows: dict[str, Any], stream: str = "interactions") -> None:
    with warehouse.connect() as connection:
        connection.execute("create schema if not exists raw_files")
        table = sql.Identifier("raw_files", stream)
        connection.execute(
            sql.SQL(
                "create table if not exists {} (record_key text primary key, native_id text, cursor_value text, "
                "payload jsonb not null, ingest_error text, _dlt_load_id text, _dlt_id text)"
            ).format(table)
        )
        for payload in rows:
            key = ":".join(str(payload[name]) for name in ("source", "entity", "native_id"))
            connection.execute(
                sql.SQL("insert into {} values (%s, %s, null, %s, null)").format(table),
                (key, payload["native_id"], json.dumps(payload)),
            )


def client(name: str, **fields: Any) -> dict[str, Any]:
    return {"record_id": f"web:client:{name}", "is_device": True, "kind": "visit", **fields}


def read(warehouse: Warehouse, query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = warehouse.read(query).to_pylist()
    return rows


def people(warehouse: Warehouse) -> dict[str, list[str]]:
    """The records that identity gets, and the records of other systems that they name as themselves."""
    rows = read(warehouse, "select record_id, external_ids from identity.identity_records")
    return {one["record_id"]: one["external_ids"] for one in rows}


def whose(warehouse: Warehouse) -> dict[str, str | None]:
    rows = read(warehouse, "select interaction_id, record_id from staging.stg_files__interactions")
    return {one["interaction_id"].rpartition(":")[2]: one["record_id"] for one in rows}


@pytest.fixture(scope="module")
def database(postgres: Warehouse) -> Iterator[Warehouse]:
    name = f"staging_files_{os.getpid()}"
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    yield Warehouse(postgres.address.with_database(name))
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def empty(database: Warehouse) -> Warehouse:
    with database.connect() as connection:
        connection.execute("drop schema if exists raw_files cascade")
    return database


def prepared(warehouse: Warehouse, dbt: Any) -> Warehouse:
    done = dbt(warehouse, "build", "--selector", "prepare")
    assert done.returncode == 0, done.stdout
    return warehouse


def test_visits_join_a_customer_when_one_of_them_identifies_and_leave_when_the_browser_is_shared(
    empty: Warehouse, dbt: Any
) -> None:
    put(empty, row(1, **client("a")), row(2, **client("a")))
    prepared(empty, dbt)
    assert people(empty) == {}, "a browser of which nobody knows whose it is, is no customer"
    assert whose(empty) == {"1": "web:client:a", "2": "web:client:a"}

    put(empty, row(3, **client("a", external_ids=["shopify:customer:7"], occurred_at="2026-01-05T10:00:00Z")))
    prepared(empty, dbt)
    assert people(empty) == {"web:client:a": ["shopify:customer:7"]}, "the earlier visits are this record's too"
    assert set(whose(empty).values()) == {"web:client:a"}

    put(empty, row(4, **client("a", external_ids=["shopify:customer:7"], occurred_at="2026-01-06T10:00:00Z")))
    before = read(empty, "select * from identity.identity_records")
    prepared(empty, dbt)
    assert read(empty, "select * from identity.identity_records") == before, "one more visit changes no record"

    put(empty, row(5, **client("a", external_ids=["shopify:customer:8"])))
    prepared(empty, dbt)
    assert people(empty) == {}, "a browser of two users joins neither of them"
    assert whose(empty) == {
        "1": "web:client:a",
        "2": "web:client:a",
        "3": "shopify:customer:7",
        "4": "shopify:customer:7",
        "5": "shopify:customer:8",
    }


def test_a_person_of_two_accounts_is_no_shared_device(empty: Warehouse, dbt: Any) -> None:
    two = {"external_ids": ["shopify:customer:7", "shopify:customer:8"], "emails": ["A@x.com", "b@x.com"]}
    put(
        empty,
        row(1, record_id="survey:respondent:r", **two),
        row(2, **client("b", external_ids=["shopify:customer:7", "crm:user:9"])),
        row(3, **client("c", emails=["a@x.com"])),
        row(4, **client("c", emails=["b@x.com"])),
        row(5, **client("d", emails=["A@x.com"])),
        row(6, **client("d", emails=["a@x.com"])),
    )
    prepared(empty, dbt)
    assert people(empty) == {
        "survey:respondent:r": ["shopify:customer:7", "shopify:customer:8"],
        "web:client:b": ["crm:user:9", "shopify:customer:7"],
        "web:client:d": [],
    }


def test_somebody_in_a_file_of_people_whom_interactions_name_is_one_record(empty: Warehouse, dbt: Any) -> None:
    member = {"stream": "members", "source": "club", "entity": "member", "native_id": "1", "full_name": "Ada L"}
    put(empty, member | {"emails": ["ada@x.com"], "loyalty_points": "12.5"}, stream="people")
    put(
        empty,
        row(1, record_id="club:member:1", phones=["+12025550100"], full_name="A. Lovelace"),
        row(2, record_id="club:member:1", handles=["x:AdaL"]),
        row(3, record_id="club:member:2", kind="points"),
        row(4, record_id=None),
    )
    prepared(empty, dbt)
    (record,) = read(empty, "select full_name, emails, phones, handles from identity.identity_records")
    assert record == {
        "full_name": "Ada L",
        "emails": ["ada@x.com"],
        "phones": ["+12025550100"],
        "handles": ["x:adal"],
    }
    named = {one["record_id"] for one in read(empty, "select record_id from staging.stg_files__named_people")}
    assert named == {"club:member:1", "club:member:2"}
    assert whose(empty)["4"] is None


def test_interactions_add_no_second_record_to_a_source_of_its_own(empty: Warehouse, dbt: Any) -> None:
    put(empty, row(1, record_id="salesforce:contact:good", emails=["other@x.com"]))
    with empty.connect() as connection:
        connection.execute("create schema if not exists raw_salesforce")
        connection.execute(
            "create table if not exists raw_salesforce.contacts (record_key text primary key, native_id text, "
            "cursor_value text, payload jsonb, ingest_error text, _dlt_load_id text, _dlt_id text)"
        )
        connection.execute(
            "insert into raw_salesforce.contacts values ('good', 'good', null, "
            """'{"Id": "good", "LastName": "L", "Email": "ada@x.com"}', null, null, null)"""
        )
    try:
        prepared(empty, dbt)
        (record,) = read(empty, "select record_id, emails from identity.identity_records")
        assert record == {"record_id": "salesforce:contact:good", "emails": ["ada@x.com"]}
    finally:
        with empty.connect() as connection:
            connection.execute("drop schema raw_salesforce cascade")


def test_what_does_not_fit_is_left_out_by_value_or_by_row(empty: Warehouse, dbt: Any) -> None:
    put(
        empty,
        row(1, amount="much", quantity="two", direction="sideways", sentiment="1.5", wait_seconds="-3"),
        row(2, rating="11", rating_scale="NPS"),
        row(3, rating="4", rating_scale="smileys", first_reply_at="soon", handles="ada"),
        row(4, occurred_at="2026-02-30T10:00:00Z", amount="much"),
        row(6, rating="10", rating_scale="NPS", sentiment="-1", channel="Web", emails=[]),
    )
    prepared(empty, dbt)
    found = read(empty, "select record_key, scope, field, reason from staging.quarantine where source = 'files'")
    assert {(one["record_key"].rpartition(":")[2], one["scope"], one["field"]) for one in found} == {
        *(("1", "value", name) for name in ("amount", "quantity", "direction", "sentiment", "wait_seconds")),
        ("2", "value", "rating"),
        *(("3", "value", name) for name in ("rating_scale", "first_reply_at", "handles")),
        ("4", "record", "occurred_at"),
    }
    said = " ".join(one["reason"] for one in found)
    assert not [word for word in ("much", "sideways", "smileys", "soon", "11", "2026-02-30") if word in said]
    (fit,) = read(empty, "select * from staging.stg_files__interactions where interaction_id = 'web:visit:6'")
    assert (fit["channel"], float(fit["rating"]), fit["rating_scale"]) == ("web", 10.0, "nps")
    (counts,) = read(empty, "select * from staging.stream_counts where source = 'files' and stream = 'interactions'")
    assert (counts["raw_rows"], counts["staged_rows"], counts["quarantined_rows"]) == (5, 4, 1)


def test_when_a_conversation_was_first_answered(empty: Warehouse, dbt: Any) -> None:
    def said(number: int, time: str, direction: str, **other: Any) -> dict[str, Any]:
        told = {"kind": "message", "thread_id": "t", "direction": direction, "occurred_at": f"2026-01-01T{time}:00Z"}
        return row(number, **(told | other))

    put(
        empty,
        row(1, kind="ticket", thread_id="t", occurred_at="2026-01-01T09:00:00Z"),
        row(2, kind="ticket", thread_id="t", first_reply_at="2026-01-01T12:34:00Z"),
        row(3, kind="ticket", thread_id="unanswered"),
        said(4, "08:00", "outbound"),
        said(5, "09:00", "inbound"),
        said(6, "09:30", "outbound", kind="note"),
        said(7, "10:00", "outbound"),
        said(8, "11:00", "outbound"),
    )
    prepared(empty, dbt)
    rows = read(
        empty,
        "select interaction_id, to_char(first_reply_at at time zone 'UTC', 'HH24:MI') as at "
        "from staging.stg_files__interactions where kind = 'ticket' order by 1",
    )
    assert [one["at"] for one in rows] == ["10:00", "12:34", None]
