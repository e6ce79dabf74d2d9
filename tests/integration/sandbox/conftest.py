"""A hand-made retailer of a handful of rows, and its vendors served on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest

from sandbox.serve import Sandbox, serve
from sandbox.world import TABLES, World

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def moment(days: float) -> datetime:
    return START + timedelta(days=days)


def record(record_id: str, days: float, **columns: Any) -> dict[str, Any]:
    system, entity, native_id = record_id.split(":")
    return {
        "record_id": record_id,
        "system": system,
        "entity": entity,
        "native_id": native_id,
        "created_at": moment(0),
        "updated_at": moment(days),
        **columns,
    }


def order(number: int, days: float, **columns: Any) -> dict[str, Any]:
    return {
        "order_id": str(5000 + number),
        "order_name": f"#{number}",
        "channel": "web",
        "is_pickup": False,
        "financial_status": "PAID",
        "fulfilment_status": "FULFILLED",
        "total": 20.0,
        "discount": 0.0,
        "currency": "USD",
        "ordered_at": moment(days),
        "updated_at": moment(days),
        **columns,
    }


def make_world(customers: int = 7) -> World:
    """Customers 101 and on in the shop; Ada in every system."""
    ada = {"given_name": "Ada", "family_name": "Byron", "email": "ada@example.com", "phone": "+1 202 555 0101"}
    shop = [
        record(
            f"shopify:customer:{100 + n}",
            n,
            given_name="Ada" if n == 1 else f"Person{n}",
            family_name="Byron",
            email=f"p{n}@example.com",
            email_consent={1: "granted", 2: "denied"}.get(n),
            street="1 Main St",
            city="Boston",
            region="MA",
            country="US",
        )
        for n in range(1, customers + 1)
    ]
    desk = [
        record(
            f"zendesk:user:{200 + n}",
            n,
            full_name=f"Caller {n}",
            email=f"p{n}@example.com",
            phone="+1 202 555 0101" if n == 1 else None,
            x_handle="ada_b" if n == 1 else None,
            linked_record_id="shopify:customer:101" if n == 1 else None,
            is_verified=True,
        )
        for n in range(1, 6)
    ]
    others = [
        record("salesforce:contact:003A", 1, **ada, birth_date=date(1990, 12, 10), email_consent="denied",
               linked_record_id="shopify:customer:101", instagram_handle="ada.b"),
        record("salesforce:contact:003B", 2, given_name="Bo", family_name="O'Neil"),
        record("salesforce:lead:00QA", 3, given_name="Ada", family_name="Byron", company="Engines"),
        record("meta:instagram_user:9001", 1, username="ada.b"),
        record("meta:messenger_user:9002", 1, full_name="Bo O'Neil"),
        record("x:user:7001", 1, username="ada_b", full_name="Ada B"),
        record("loyalty:member:L1", 1, given_name="Ada", family_name="Byron", loyalty_number="L1"),
    ]  # fmt: skip
    talk = {"record_id": "meta:instagram_user:9001", "conversation_id": "t_1", "platform": "instagram"}
    chat = {"record_id": "x:user:7001", "conversation_id": "x_1", "platform": "x"}
    ticket = {
        "record_id": "zendesk:user:201",
        "subject": "Where is it?",
        "status": "solved",
        "reopens": 0,
        "replies": 1,
    }
    tables: dict[str, list[dict[str, Any]]] = {
        "records": [*shop, *desk, *others],
        "products": [
            {"product_id": "31", "title": "Red Mug", "category": "Kitchen", "vendor": "Acme", "sku": "MUG-R",
             "price": 10.0, "created_at": moment(0)},
        ],
        "orders": [
            order(1, 1, record_id="shopify:customer:101", fulfilled_at=moment(2), delivered_at=moment(3)),
            order(2, 2, record_id="shopify:customer:102", is_pickup=True, location="Boston"),
            order(3, 3, channel="store", location="Boston"),
        ],
        "order_lines": [
            {"order_line_id": str(6000 + n), "order_id": str(5000 + n), "product_id": "31", "quantity": 2,
             "unit_price": 10.0}
            for n in range(1, 4)
        ],
        "returns": [
            {"return_id": "81", "order_id": "5001", "status": "CLOSED", "reason": "DEFECTIVE", "quantity": 1,
             "requested_at": moment(4), "closed_at": moment(5)},
        ],
        "checkouts": [
            {"checkout_id": "71", "record_id": "shopify:customer:101", "total": 10.0, "currency": "USD",
             "started_at": moment(6), "updated_at": moment(6)},
        ],
        "checkout_lines": [{"checkout_id": "71", "product_id": "31", "quantity": 1, "unit_price": 10.0}],
        "tickets": [
            {**ticket, "ticket_id": str(300 + n), "channel": channel, "created_at": moment(n),
             "updated_at": moment(n + 1), "first_reply_at": moment(n) + timedelta(minutes=30),
             "solved_at": moment(n + 1)}
            for n, channel in enumerate(("email", "chat", "phone", "whatsapp", "web"))
        ],
        "ticket_comments": [
            {"comment_id": str(400 + n), "ticket_id": "300", "record_id": "zendesk:user:201" if n % 2 == 0 else None,
             "body": f"Comment {n}", "is_public": True, "created_at": moment(0) + timedelta(hours=n)}
            for n in range(4)
        ],
        "ratings": [
            {"rating_id": str(500 + n), "ticket_id": "300", "record_id": "zendesk:user:201", "score": "bad",
             "comment": None, "created_at": moment(n), "updated_at": moment(n)}
            for n in range(3)
        ],
        "conversations": [
            {**talk, "updated_at": moment(3)},
            {"record_id": "meta:messenger_user:9002", "conversation_id": "t_2", "platform": "messenger",
             "updated_at": moment(2)},
            {**chat, "updated_at": moment(1)},
        ],
        "direct_messages": [
            *({**talk, "message_id": f"m_{n}", "direction": "inbound" if n % 2 == 0 else "outbound", "body": f"Hi {n}",
               "sent_at": moment(n)} for n in range(4)),
            {**chat, "message_id": "1500", "direction": "inbound", "body": "Hello", "sent_at": moment(1)},
            {**chat, "message_id": "1501", "direction": "outbound", "body": "Hi Ada", "sent_at": moment(2)},
        ],
        "media": [{"media_id": f"180{n}", "caption": "Mugs", "posted_at": moment(n)} for n in range(3)],
        "comments": [
            {"comment_id": "c_1", "media_id": "1800", "record_id": "meta:instagram_user:9001", "body": "Nice",
             "commented_at": moment(1)},
        ],
        "mentions": [
            {"post_id": str(1600 + n), "record_id": "x:user:7001", "body": f"Post {n}", "posted_at": moment(n)}
            for n in range(12)
        ],
        "campaigns": [
            {"campaign_id": "701A", "name": "Spring", "type": "Email", "status": "Completed",
             "start_date": date(2026, 3, 1), "updated_at": moment(1)},
        ],
        "campaign_members": [
            {"campaign_member_id": "00vA", "campaign_id": "701A", "record_id": "salesforce:lead:00QA",
             "status": "Responded", "has_responded": True, "responded_at": moment(2), "created_at": moment(1),
             "updated_at": moment(2)},
        ],
    }  # fmt: skip
    made = {name: pa.Table.from_pylist(tables.get(name, []), schema=schema) for name, schema in TABLES.items()}
    return World(made, as_of=moment(30), seed=1)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture
def sandbox(world: World, tmp_path: Path) -> Iterator[Sandbox]:
    with serve(world, tmp_path / "state") as running:
        yield running


@pytest.fixture
def http(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.url, timeout=10) as client:
        yield client
