"""Exports of well-known tools, in their own shapes, through a line `use: <mapping>`: the web, surveys, a help desk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from orchestration.warehouse import Warehouse
from tests.integration.orchestration.ready_case import Prepare, named, put, quarantined, staged, touches


def event(name: str, client: str | None, second: int, user: str | None = None, **other: Any) -> str:
    """An event as BigQuery writes it: numbers as text, what is null left out."""
    params = {"ga_session_id": {"int_value": "77"}, "page_location": {"string_value": "https://shop.example/p"}}
    params |= {"campaign": {"string_value": "spring"}, "currency": {"string_value": "USD"}}
    row: dict[str, Any] = {
        "event_date": "20260131",
        "event_timestamp": str((1_769_853_600 + second) * 1_000_000 + 123_456),
        "event_name": name,
        "event_params": [{"key": key, "value": value} for key, value in params.items()],
        "device": {"category": "mobile"},
        "platform": "WEB",
        **({"user_pseudo_id": client} if client else {}),
        **({"user_id": user} if user else {}),
        **other,
    }
    return json.dumps(row) + "\n"


def test_ga4(folder: Path, warehouse: Warehouse, prepare: Prepare) -> None:
    shoes = {"item_id": "9001", "item_name": "Shoes", "item_category": "Running", "price": 80.5, "quantity": "2"}
    socks = {"item_id": "9002", "item_name": "Socks", "item_category": "Running", "price": 5.0, "quantity": "1"}
    source = {"manual_campaign_name": "ig_new", "manual_source": "instagram", "manual_medium": "paid_social"}
    put(
        folder,
        "ga4/events_20260131.jsonl",
        event("session_start", "1.2", 0, collected_traffic_source=source)
        + event("page_view", "1.2", 1)
        + event("view_item", "1.2", 2, items=[shoes])
        + event("add_to_cart", "1.2", 3, "7", items=[shoes, socks])
        + event("scroll", "1.2", 4)
        + event("session_start", None, 5)
        + event("session_start", "3.4", 6, event_timestamp="soon")
        + event("view_item", "3.4", 7)
        + "{cut off\n",
    )
    staged(folder, warehouse, prepare, {"use": "ga4"})
    assert touches(
        warehouse, "kind, product_id, amount::float, quantity::int, campaign, utm_source, utm_medium", "ga4"
    ) == [
        ("visit", None, None, None, "ig_new", "instagram", "paid_social"),
        ("product_view", "9001", 80.5, None, "spring", None, None),
        ("add_to_cart", "9001", 80.5, 2, "spring", None, None),
        ("add_to_cart", "9002", 5.0, 1, "spring", None, None),
        ("visit", None, None, None, "spring", None, None),
        ("product_view", None, None, None, "spring", None, None),
    ]
    first, *_, nobody, _ = touches(warehouse, "record_id, channel, session_id, url, occurred_at::text", "ga4")
    assert first[:4] == ("ga4:client:1.2", "web", "1.2.77", "https://shop.example/p")
    assert first[4].startswith("2026-01-31 10:00:00.123456")
    assert nobody[0] is None, "a visit without a client is kept, and is nobody's"
    assert quarantined(warehouse) == {("record", "occurred_at"), ("record", "not a JSON object")}
    (row,) = warehouse.read(
        "select file, rows, rows_taken, rows_left_out from staging.stg_files__read_files"
    ).to_pylist()
    assert row == {"file": "ga4/events_20260131.jsonl", "rows": 8, "rows_taken": 6, "rows_left_out": 2}
    records = named(warehouse)
    assert records.keys() == {"ga4:client:1.2"}, "an anonymous client is no record"
    assert records["ga4:client:1.2"]["external_ids"] == ["shopify:customer:7"]
    extra = warehouse.read("select count(*) as n from raw_files.interactions where payload ? 'extra'").to_pylist()
    assert extra == [{"n": 0}], "millions of events carry no luggage"


def test_survey(folder: Path, warehouse: Warehouse, prepare: Prepare) -> None:
    put(
        folder,
        "survey/responses.csv",
        "response_id,submitted_at,listening_post,touchpoint,channel,scale,score,comment,respondent_id,email,phone,"
        "customer_number,order_number\n"
        "1,2026-01-01T10:00:00Z,After delivery,delivery,email,CSAT 1-5,4,Fine,R1,ada@x.com,,7,#1001\n"
        "2,2026-01-02T10:00:00Z,After call,support,phone,CSAT 1–10,9,,,,+12025550101,,\n"
        "3,2026-01-03T10:00:00Z,Twice a year,brand,web,NPS,0,,,bo@x.com,,,\n"
        '4,2026-01-04T10:00:00Z,Till,store,store,,,"Long queue, twice",,,,,\n'
        "5,2026-01-05T10:00:00Z,Till,store,store,CSAT 1-5,9,,R1,,,,\n"
        "6,2026-01-06T10:00:00Z,Till,store,store,Smileys,2,,R1,,,,\n"
        "7,,Till,store,store,NPS,9,,R1,,,,\n",
    )
    staged(folder, warehouse, prepare, {"use": "survey"})
    assert touches(warehouse, "record_id, rating::int, rating_scale, topic, body, reference_id", "survey") == [
        ("survey:respondent:R1", 4, "csat_5", "delivery", "Fine", "#1001"),
        ("survey:respondent:+12025550101", 9, "csat_10", "support", None, None),
        ("survey:respondent:bo@x.com", 0, "nps", "brand", None, None),
        (None, None, None, "store", "Long queue, twice", None),
        ("survey:respondent:R1", None, "csat_5", "store", None, None),
        ("survey:respondent:R1", 2, None, "store", None, None),
    ]
    assert quarantined(warehouse) == {("value", "rating"), ("value", "rating_scale"), ("record", "occurred_at")}
    records = named(warehouse)
    assert records.keys() == {"survey:respondent:R1", "survey:respondent:+12025550101", "survey:respondent:bo@x.com"}
    assert records["survey:respondent:R1"]["emails"] == ["ada@x.com"]
    assert records["survey:respondent:+12025550101"]["phones"] == ["+12025550101"]


def test_gladly(folder: Path, warehouse: Warehouse, prepare: Prepare) -> None:
    def item(number: int, time: str, who: str, content: dict[str, Any], conversation: str = "c1") -> str:
        ends = {"initiator": {"type": who, "id": "a1" if who == "AGENT" else "g1"}}
        ends |= {"responder": {"type": "AGENT", "id": "a1"}} if who == "AGENT" else {}
        told = {"id": f"i{number}", "customerId": "g1", "conversationId": conversation, "timestamp": time}
        return json.dumps(told | ends | {"content": content}) + "\n"

    put(
        folder,
        "gladly/customers.jsonl",
        json.dumps({"id": "g1", "name": "Ada L", "emailAddresses": ["ada@x.com"], "phoneNumbers": ["+12025550100"]})
        + "\n"
        + json.dumps({"id": "g2", "emailAddresses": [{"original": "Bo@x.com", "normalized": "bo@x.com"}]})
        + "\n"
        + json.dumps({"name": "No id"})
        + "\n",
    )
    put(
        folder,
        "gladly/conversations.csv",
        "Created At,Conversation ID,Customer ID,Conversation Link,Status,Assigned Agent Name - Current,"
        "Inbox Name - Current,First Closed At,Last Closed At,Initiator Type - Created,Topics,First Channel\n"
        "2026-01-05 10:00:00,c1,g1,https://g,CLOSED,Sam,Social,2026-01-05 12:00:00,2026-01-06 12:00:00,CUSTOMER,"
        "Late order,CHAT\n"
        "2026-01-07 10:00:00,c2,g1,https://g,OPEN,,Calls,,,CUSTOMER,,PHONE_CALL\n"
        "2026-01-08 10:00:00,c3,g1,https://g,MERGED,,Calls,,,CUSTOMER,,PHONE_CALL\n",
    )
    chat = {"type": "CHAT_MESSAGE", "sessionId": "s", "content": "Where is it?", "messageType": "TEXT"}
    call = {"type": "PHONE_CALL", "startedAt": "2026-01-07T10:00:01Z", "recordingDuration": 61}
    put(
        folder,
        "gladly/conversation_items.jsonl",
        item(1, "2026-01-05T10:00:05Z", "CUSTOMER", chat)
        + item(2, "2026-01-05T10:30:05Z", "AGENT", {"type": "EMAIL", "subject": "Your order", "content": "On its way"})
        + item(3, "2026-01-05T10:31:00Z", "AGENT", {"type": "CONVERSATION_NOTE", "body": "carrier called"})
        + item(4, "2026-01-07T10:00:09Z", "CUSTOMER", call | {"from": "+12025550100", "to": "+18005550000"}, "c2")
        + item(5, "2026-01-07T10:00:10Z", "SYSTEM", {"type": "TOPIC_CHANGE", "addedTopicIds": ["t"]})
        + item(6, "yesterday", "CUSTOMER", chat),
    )
    staged(folder, warehouse, prepare, {"use": "gladly"})
    assert touches(warehouse, "kind, channel, direction, subject, thread_id, status, agent", "gladly") == [
        ("ticket", "chat", "inbound", "Late order", "c1", "solved", "Sam"),
        ("message", "chat", "inbound", "Where is it?", "c1", None, None),
        ("message", "email", "outbound", "Your order", "c1", None, "a1"),
        ("note", None, "internal", "carrier called", "c1", None, "a1"),
        ("ticket", "phone", "inbound", None, "c2", "open", None),
        ("call", "phone", "inbound", "Phone call", "c2", None, None),
    ]
    tickets = warehouse.read(
        "select first_reply_at::text as first_reply_at, closed_at::text as closed_at, team from "
        "staging.stg_files__interactions where kind = 'ticket' order by occurred_at"
    ).to_pylist()
    assert tickets[0]["first_reply_at"].startswith("2026-01-05 10:30:05")
    assert tickets[0]["closed_at"].startswith("2026-01-06 12:00:00")
    assert tickets[1] == {"first_reply_at": None, "closed_at": None, "team": "Calls"}
    records = named(warehouse)
    assert records.keys() == {"gladly:customer:g1", "gladly:customer:g2"}
    assert records["gladly:customer:g1"]["emails"] == ["ada@x.com"]
    assert records["gladly:customer:g2"]["emails"] == ["Bo@x.com"]
    assert quarantined(warehouse) == {("record", "no id"), ("record", "occurred_at")}
    left = warehouse.read("select file, rows_left_out as n from staging.stg_files__read_files where rows_left_out > 0")
    assert {row["file"]: row["n"] for row in left.to_pylist()} == {
        "gladly/conversations.csv": 1,
        "gladly/conversation_items.jsonl": 1,
    }
