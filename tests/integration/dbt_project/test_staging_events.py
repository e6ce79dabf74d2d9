"""Events in staging: whose a shared browser is, what an alias joins, which order is counted, what is quarantined."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from orchestration.warehouse import Warehouse
from tests.integration.dbt_project.conftest import Dbt, database, land

ADA = {"email": "ada@example.com", "firstName": "Ada", "last_name": "Lovelace", "emailOptIn": True}


def event(number: int, call: str, at: str, **other: Any) -> dict[str, Any]:
    return {"id": f"k:{number}", "messageId": str(number), "type": call, "timestamp": f"2026-01-{at}Z", **other}


def order(number: str, **other: Any) -> dict[str, Any]:
    return {"order_id": number, "total": "40.00", "currency": "usd", **other}


IDENTITIES = (
    event(1, "identify", "02T10:00", userId="u1", anonymousId="a1", traits={**ADA, "address": {"city": "London"}}),
    event(2, "identify", "03T10:00", userId="u1", anonymousId="a1", traits=ADA),
    event(3, "alias", "04T10:00", userId="u1", previousId="u0"),
    event(4, "identify", "01T10:00", userId="u0", traits={"name": "Ada L", "birthday": "soon"}),
    event(5, "identify", "05T10:00", userId="u2", anonymousId="shared", traits={"email": "bob@example.com"}),
    event(6, "identify", "05T11:00", userId="u3", anonymousId="shared", traits={"email": "eve@example.com"}),
    event(7, "identify", "05T11:00", anonymousId="news", traits={"email": "news@example.com"}),
    event(8, "identify", "05T11:00", userId="undefined", anonymousId="nobody", traits={"plan": "x"}),
    event(9, "group", "05T11:00", userId="u1", groupId="g", traits={"name": "Engines"}),
    event(10, "alias", "05T11:00", userId="u1", previousId="told twice"),
    event(11, "alias", "05T11:00", userId="u2", previousId="told twice"),
    event(12, "alias", "05T11:00", userId="u4", previousId="app"),
    event(13, "identify", "06T11:00", userId="u0", anonymousId="a1", traits={}),
    event(14, "identify", "06T11:00", userId="told twice", anonymousId="a9", traits={}),
    event(15, "identify", "06T11:00", userId="0", traits={"email": "zero@example.com"}),
)
INTERACTIONS = (
    event(20, "page", "02T09:00", anonymousId="a1", name="Home", context={"campaign": {"name": "spring"}}),
    event(21, "page", "02T09:10", anonymousId="a1", name="Shoes"),
    event(22, "page", "02T09:50", anonymousId="a1", name="Again"),
    event(23, "track", "02T09:11", anonymousId="a1", event="viewedProduct", properties={"product_id": 5, "price": 20}),
    event(24, "track", "02T10:11", userId="u1", event="Order Completed",
          properties=order("W-77", products=[{"product_id": "5", "name": "Shoe", "price": 20, "quantity": 2}, "x"])),
    event(25, "track", "02T10:12", userId="u1", event="order_completed", properties=order("#w-77")),
    event(26, "track", "06T10:12", anonymousId="shared", event="Something"),
    event(27, "track", "06T10:12", anonymousId="shared", userId="u2", event="Something"),
    event(28, "screen", "06T10:12", anonymousId="app", name="Start"),
    event(29, "track", "07T10:12", userId="u1", event="Order Refunded", properties=order("W-77")),
    event(30, "track", "07T10:12", userId="u5", event="Order Completed", properties=order("1001")),
    event(31, "track", "soon", userId="u5", event="Never"),
    event(32, "track", "07T10:12", anonymousId="a1", event="Email Link Clicked", properties={"price": "much"}),
)  # fmt: skip


@pytest.fixture(scope="module")
def told(postgres: Warehouse, dbt: Dbt) -> Iterator[Warehouse]:
    with database(postgres, f"events_{os.getpid()}") as warehouse:
        land(warehouse, "events", "identities", *IDENTITIES)
        land(warehouse, "events", "interactions", *INTERACTIONS)
        money = {"shopMoney": {"amount": "40.00", "currencyCode": "USD"}}
        sold = {"legacyResourceId": "9", "name": "#1001", "createdAt": "2026-01-07T10:12:00Z", "totalPriceSet": money}
        land(warehouse, "shopify", "orders", sold)
        done = dbt(warehouse, "build", "--selector", "prepare")
        assert done.returncode == 0, done.stdout
        yield warehouse


def rows(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    with warehouse.connect() as connection:
        return connection.execute(query).fetchall()


def test_people_are_who_said_who_they_are(told: Warehouse) -> None:
    found = rows(
        told, "select record_id, external_ids from identity.identity_records where source = 'events' order by 1"
    )
    assert dict(found) == {
        "events:anonymous:a1": ["events:user:u1"],
        "events:anonymous:a9": ["events:user:told twice"],
        "events:anonymous:app": ["events:user:u4"],
        "events:anonymous:news": [],
        "events:user:told twice": [],
        "events:user:u0": [],
        "events:user:u1": ["events:user:u0"],
        "events:user:u2": [],
        "events:user:u3": [],
        "events:user:u4": [],
        "events:user:u5": [],
    }, "shared browsers, ids of nobody and an id that two users had before join nobody"


def test_a_user_is_what_was_told_last_and_changes_when_it_does(told: Warehouse) -> None:
    query = (
        "select given_name, family_name, emails, city, organisation, updated_at::date::text "
        "from identity.identity_records where record_id = 'events:user:u1'"
    )
    # What the second call leaves out stands; what was joined last is the latest change.
    assert rows(told, query) == [("Ada", "Lovelace", ["ada@example.com"], "London", "Engines", "2026-01-04")]
    consent = (
        "select email_marketing_consent, sms_marketing_consent from staging.stg_events__people where native_id = 'u1'"
    )
    assert rows(told, consent) == [(True, None)]


def test_touchpoints_are_their_users_their_browsers_or_nobodys(told: Warehouse) -> None:
    found = {
        int(key.removeprefix("k:")): (record_id, channel, kind)
        for key, record_id, channel, kind in rows(
            told, "select record_key, record_id, channel, kind from staging.stg_events__interactions"
        )
    }
    browser, user = "events:anonymous:a1", "events:user:u1"
    assert found == {
        20: (browser, "web", "visit"),
        21: (browser, "web", "page_view"),
        22: (browser, "web", "visit"),
        23: (browser, "web", "product_view"),
        24: (user, "web", "order"),
        25: (user, "web", "other"),  # the same order, told twice
        26: (None, "web", "other"),
        27: ("events:user:u2", "web", "other"),
        28: ("events:anonymous:app", "app", "visit"),
        29: (user, "web", "return"),
        30: ("events:user:u5", "web", "other"),  # the shop has this order
        32: (browser, "email", "campaign_response"),
    }


def test_what_does_not_fit_is_in_quarantine(told: Warehouse) -> None:
    found = rows(told, "select record_key, scope, field from staging.quarantine where source = 'events' order by 1, 3")
    assert found == [
        ("k:24", "value", "products[2]"),
        ("k:31", "record", "occurred_at"),
        ("k:32", "value", "price"),
        ("k:4", "value", "birth_date"),
    ]


def test_an_order_has_its_lines(told: Warehouse) -> None:
    query = "select order_line_id, order_id, product_id, quantity::int, unit_price::int "
    query += "from staging.stg_events__order_lines"
    assert rows(told, query) == [("events:k:24:1", "events:W-77", "5", 2, 20)]
