"""Hand-made raw rows of every vendor, good and bad, and dbt run over them in a database of its own."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pytest
from psycopg import sql

from orchestration.warehouse import Warehouse
from tests.dbt_child import BRAID_DBT, DBT, PROJECT, run_child

ROOT = PROJECT.parent
COMPANY = Path(__file__).with_name("fixture")
VARIABLES = {"meta_page_id": "100", "meta_instagram_account_id": "200", "x_user_id": "300", "as_of": "2026-02-01"}
_numbers = itertools.count(1)


class Dbt(Protocol):
    """Runs dbt against one database."""

    def __call__(
        self, warehouse: Warehouse, *arguments: str, command: Sequence[str] = BRAID_DBT
    ) -> subprocess.CompletedProcess[str]: ...


def run_dbt(
    scratch: Path, warehouse: Warehouse, *arguments: str, command: Sequence[str] = BRAID_DBT
) -> subprocess.CompletedProcess[str]:
    """Run dbt with the variables of the hand-made rows, its artefacts in `scratch`."""
    return run_child([*command, *arguments, "--vars", json.dumps(VARIABLES)], scratch, warehouse)


def land(warehouse: Warehouse, source: str, stream: str, *payloads: Any, error: str | None = None) -> None:
    """Put payloads where ingestion would, keyed by their own id or by `missing:`."""
    table = sql.Identifier(f"raw_{source}", stream)
    with warehouse.connect() as connection:
        connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(f"raw_{source}")))
        connection.execute(
            sql.SQL(
                "create table if not exists {} (record_key text primary key, native_id text, cursor_value text, "
                "payload jsonb not null, ingest_error text, _dlt_load_id text, _dlt_id text)"
            ).format(table)
        )
        for payload in payloads:
            found = next((payload[name] for name in ("Id", "legacyResourceId", "id") if name in payload), None)
            key = None if found is None else str(found).rpartition("/")[2]
            connection.execute(
                sql.SQL("insert into {} values (%s, %s, null, %s, %s)").format(table),
                (key or f"missing:{next(_numbers)}", key, json.dumps(payload), error),
            )


def announce_everything(warehouse: Warehouse) -> None:
    """Say what dbt would where it writes what was written by hand: whoever follows staging computes all anew."""
    with warehouse.connect() as connection:
        connection.execute(
            "insert into build_state.changes (relation) select distinct followed "
            "from build_state.models cross join unnest(follows) as followed where followed ~ '^(staging|identity)[.]'"
        )


def order(number: str, **other: Any) -> dict[str, Any]:
    money = {"shopMoney": {"amount": "20.00", "currencyCode": "USD"}}
    return {"legacyResourceId": number, "createdAt": "2026-01-02T03:04:05Z", "totalPriceSet": money, **other}


def line(number: int, **other: Any) -> dict[str, Any]:
    return {"id": f"gid://shopify/LineItem/{number}", "quantity": 1, "product": {"legacyResourceId": "5"}, **other}


def message(number: str, sender: str, receiver: str) -> dict[str, Any]:
    return {
        "id": number,
        "conversation_id": "t1",
        "platform": "instagram",
        "from": {"id": sender, "username": f"user.{sender}"},
        "to": {"data": [{"id": receiver}]},
        "message": "hello",
        "created_time": "2026-01-31T10:00:00+0000",
    }


def fill(warehouse: Warehouse) -> None:
    """Good and bad rows of every source but one: `files` is not configured and has no tables."""
    land(
        warehouse,
        "salesforce",
        "contacts",
        {
            "Id": "good",
            "FirstName": " Ada ",
            "LastName": "Lovelace",
            "Former_Last_Name__c": "Byron",
            "Email": "ada@example.com",
            "Phone": "1",
            "MobilePhone": "1",
            "MailingCountry": "United Kingdom",
            "Birthdate": "2000-02-29",
            "Instagram_Handle__c": "@Ada.L",
            "Shopify_Customer_Id__c": "7",
            "HasOptedOutOfEmail": True,
            "IsDeleted": False,
            "CreatedDate": "2025-01-31T10:00:00.000+0000",
            "SystemModstamp": "2025-02-01T10:00:00.000+0000",
            "Brand_New_Field__c": {"any": "thing"},
        },
        {"Id": "deleted", "LastName": "Gone", "IsDeleted": True},
        {"Id": "birth", "Birthdate": "2025-02-30"},
        {"Id": "name", "FirstName": 42, "Email": ["a@example.com"]},
        {"Id": "created", "CreatedDate": "2025-13-01T10:00:00.000+0000"},
        {"LastName": "Nobody"},
    )
    land(warehouse, "salesforce", "contacts", {"value": "cut off"}, error="not a JSON object")
    land(warehouse, "salesforce", "leads", {"Id": "lead", "ConvertedContactId": "good", "Country": "usa"})
    land(
        warehouse,
        "shopify",
        "orders",
        order("1", customer={"legacyResourceId": "7"}, lineItems={"nodes": [line(1), line(2)]}, sourceName="pos"),
        order("2", lineItems={"nodes": [line(3), line(4, quantity="two"), "a line"]}, sourceName="instagram"),
        order("3", customer="gid://shopify/Customer/7"),
        order("4", createdAt="yesterday"),
        order("5", totalPriceSet={"shopMoney": {"amount": True}}),
    )
    land(
        warehouse,
        "zendesk",
        "users",
        {"id": 1, "role": "end-user", "name": "Ada", "email": "ada@example.com", "external_id": "shopify:customer:7"}
        | {"created_at": "2025-03-01T00:00:00Z", "updated_at": "2026-01-30T00:00:00Z", "locale": "en-US"},
        {"id": 2, "role": "agent", "name": "Sam"},
        {"id": 3, "role": "end-user", "active": False},
        {"id": 4, "role": "robot"},
        {"id": 5, "role": "end-user", "external_id": "9"},
    )
    identity = {"user_id": 1, "created_at": "2025-03-01T00:00:00Z", "updated_at": "2025-04-01T00:00:00Z"}
    land(
        warehouse,
        "zendesk",
        "user_identities",
        {"id": 1, "type": "email", "value": "ada@example.com", **identity},
        {"id": 2, "type": "email", "value": "a.l@example.com", **identity},
        {"id": 3, "type": "twitter", "value": "@AdaL", **identity},
        {"id": 4, "type": "phone_number", "value": None, **identity},
    )
    land(
        warehouse,
        "zendesk",
        "tickets",
        {"id": 1, "requester_id": 1, "via": {"channel": "native_messaging"}, "created_at": "2026-01-01T00:00:00Z"},
        {"id": 2, "via": {"channel": "email"}, "created_at": "2026-01-01T00:00:00Z"},
    )
    comment = {"ticket_id": 1, "created_at": "2026-01-01T00:00:00Z", "public": True, "body": "hello"}
    land(warehouse, "zendesk", "ticket_comments", {"id": 1, "author_id": 1, **comment})
    land(warehouse, "zendesk", "ticket_comments", {"id": 2, "author_id": 2, **comment})
    talk = {"platform": "instagram", "updated_time": "2026-01-31T10:00:00+0000"}
    land(
        warehouse, "meta", "conversations", {"id": "t1", **talk, "participants": {"data": [{"id": "9"}, {"id": "200"}]}}
    )
    land(warehouse, "meta", "conversations", {"id": "t2", **talk, "participants": "nobody"})
    land(warehouse, "meta", "messages", message("m1", "9", "200"), message("m2", "200", "9"))
    event = {"created_at": "2026-01-31T10:00:00.000Z", "dm_conversation_id": "9-300", "text": "hello"}
    land(warehouse, "x", "direct_messages", {"id": "1", "event_type": "MessageCreate", "sender_id": "300", **event})
    land(warehouse, "x", "direct_messages", {"id": "2", "event_type": "ParticipantsJoin", "sender_id": "9", **event})
    land(warehouse, "x", "users", {"id": "9", "username": "AdaL", "name": "Ada"}, {"id": "300", "username": "shop"})


@contextmanager
def database(server: Warehouse, name: str, *, like: str | None = None) -> Iterator[Warehouse]:
    """A database of this server, empty or a copy of another, for as long as it is needed."""
    template = sql.SQL(" template {}").format(sql.Identifier(like)) if like else sql.SQL("")
    with server.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)) + template)
    try:
        yield Warehouse(server.address.with_database(name))
    finally:
        with server.connect(autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def tell_company(warehouse: Warehouse) -> None:
    """The small company of `fixture/`: raw rows of every source, and what identity would say of them."""
    with warehouse.connect() as connection:
        for file in [ROOT / "orchestration/identity_tables.sql", *sorted(COMPANY.glob("*.sql"))]:
            connection.execute(file.read_text())


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """dbt with one folder for its artefacts, so that the project is parsed once."""
    return partial(run_dbt, tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="session")
def company(postgres: Warehouse, dbt: Dbt) -> Iterator[Warehouse]:
    """The small company, and the whole project built over it by nothing but `dbt build`; tests leave it as it is."""
    with database(postgres, f"company_{os.getpid()}") as warehouse:
        tell_company(warehouse)
        done = dbt(warehouse, "build", command=DBT)
        assert done.returncode == 0, done.stdout
        yield warehouse


@pytest.fixture(scope="module")
def staged(postgres: Warehouse, dbt: Dbt) -> Iterator[Warehouse]:
    """A database with `fill` in raw, and everything of the selector `prepare` built and tested."""
    with database(postgres, f"staging_{os.getpid()}") as warehouse:
        fill(warehouse)
        done = dbt(warehouse, "build", "--selector", "prepare")
        assert done.returncode == 0, done.stdout
        yield warehouse
