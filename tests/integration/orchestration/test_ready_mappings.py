"""Exports of well-known tools, in their own shapes, through a line `use: <mapping>` into raw tables and staging."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.settings import Settings
from orchestration.sources.load import load
from orchestration.warehouse import Warehouse

PROJECT = Path(__file__).parents[3] / "dbt_project"
Prepare = Callable[[Warehouse], None]


def _prepare(scratch: Path, warehouse: Warehouse) -> None:
    address = warehouse.address
    arguments = ["--no-use-colors", "build", "--selector", "prepare", "--vars", json.dumps({"as_of": "2026-02-01"})]
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", *arguments],
        cwd=PROJECT,
        env={
            **os.environ,
            "BRAID_DBT_HOST": address.host,
            "BRAID_DBT_PORT": str(address.port),
            "BRAID_DBT_USER": address.user,
            "BRAID_DBT_PASSWORD": address.password,
            "BRAID_DBT_DATABASE": address.database,
            "DBT_PROFILES_DIR": str(PROJECT),
            "DBT_TARGET_PATH": str(scratch / "target"),
            "DBT_LOG_PATH": str(scratch / "logs"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def prepare(tmp_path_factory: pytest.TempPathFactory) -> Prepare:
    """dbt's first half, with one folder for its artefacts, so that the project is parsed once."""
    return partial(_prepare, tmp_path_factory.mktemp("dbt"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


def put(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text)


def staged(folder: Path, warehouse: Warehouse, prepare: Prepare, *lines: dict[str, Any]) -> None:
    """Load the folder with these lines of a mapping, and stage it."""
    put(folder, "mapping.yml", yaml.safe_dump({"files": list(lines)}))
    load("files", Settings(home=folder.parent / "home", files=folder), warehouse)
    prepare(warehouse)


def touches(warehouse: Warehouse, columns: str, source: str) -> list[tuple[Any, ...]]:
    rows = warehouse.read(
        f"select {columns} from staging.stg_files__interactions where source = $1 order by occurred_at, interaction_id",
        (source,),
    )
    return [tuple(row.values()) for row in rows.to_pylist()]


def quarantined(warehouse: Warehouse) -> set[tuple[str, str | None]]:
    rows = warehouse.read("select scope, field, reason from staging.quarantine where source = 'files'").to_pylist()
    return {(row["scope"], row["field"] or row["reason"]) for row in rows}


def named(warehouse: Warehouse) -> dict[str, dict[str, Any]]:
    rows = warehouse.read("select * from identity.identity_records").to_pylist()
    return {row["record_id"]: row for row in rows}


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


def test_sprout(folder: Path, warehouse: Warehouse, prepare: Prepare) -> None:
    put(
        folder,
        "sprout/messages.csv",
        "Message ID,Timestamp,Network,Message Type,Direction,Profile,Username,Display Name,Message,Sentiment,Permalink,"
        "Conversation ID,Case ID,Team,Team Member,Tags\n"
        "m1,2026-01-01T10:00:00Z,Twitter,Mention,Received,Shop,AdaL,Ada L,Bad shoes,negative,https://x,,,,,\n"
        "m2,2026-01-01T11:00:00Z,Instagram,Direct Message,Sent,Shop,ada.l,Ada,Sorry!,,https://i,t1,k1,Social,Sam,late\n"
        "m3,2026-01-01T12:00:00Z,Facebook,Comment,Received,Shop,ada.fb,,Nice,0.75,,,,,,\n"
        "m4,2026-01-01T13:00:00Z,X,Listening,,,stranger,,meh,unclassified,,,,,,\n"
        "m5,2026-01-01T14:00:00Z,X,Listening,,,stranger,,meh,furious,,,,,,\n",
    )
    staged(folder, warehouse, prepare, {"use": "sprout"})
    assert touches(warehouse, "record_id, channel, kind, direction, sentiment::float, thread_id, agent", "sprout") == [
        ("sprout:profile:x/AdaL", "x", "mention", "inbound", -1.0, None, None),
        ("sprout:profile:instagram/ada.l", "instagram", "message", "outbound", None, "k1", "Sam"),
        ("sprout:profile:facebook/ada.fb", "facebook", "comment", "inbound", 0.75, None, None),
        ("sprout:profile:x/stranger", "x", "mention", "inbound", None, None, None),
        ("sprout:profile:x/stranger", "x", "mention", "inbound", None, None, None),
    ]
    assert quarantined(warehouse) == {("value", "sentiment")}
    record = named(warehouse)["sprout:profile:x/AdaL"]
    assert (record["handles"], record["full_name"]) == (["x:adal"], "Ada L")


def test_contact_centre(folder: Path, warehouse: Warehouse, prepare: Prepare) -> None:
    put(
        folder,
        "contact_centre/contacts.csv",
        "contact_id,channel,direction,started_at,answered_at,ended_at,customer_number,queue,agent,wait_seconds,"
        "handle_seconds,outcome,reason,text,case_id,order_number\n"
        "1,VOICE,INBOUND,2026-01-01T10:00:00Z,2026-01-01T10:01:30Z,2026-01-01T10:10:00Z,+12025550100,Orders,Sam,90,510,"
        "Resolved,late order,,k1,#1001\n"
        "2,SMS,INBOUND,2026-01-01T11:00:00Z,,,+12025550100,Orders,,,,,,Is it there yet?,k1,\n"
        "3,VOICE,INBOUND,2026-01-01T12:00:00Z,,2026-01-01T12:05:00Z,,Orders,,300,,abandoned,,,,\n"
        "4,VOICE,SIDEWAYS,2026-01-01T13:00:00Z,,,+12025550101,Orders,,-5,soon,abandoned,,,,\n"
        ",VOICE,INBOUND,2026-01-01T14:00:00Z,,,+12025550101,Orders,,5,5,abandoned,,,,\n",
    )
    staged(folder, warehouse, prepare, {"use": "contact_centre"})
    columns = "record_id, kind, channel, direction, wait_seconds::int, handle_seconds::int, outcome, body, team"
    caller = "contact_centre:caller:+12025550100"
    assert touches(warehouse, columns, "contact_centre") == [
        (caller, "call", "phone", "inbound", 90, 510, "resolved", None, "Orders"),
        (caller, "message", "sms", "inbound", None, None, None, "Is it there yet?", "Orders"),
        (None, "call", "phone", "inbound", 300, None, "abandoned", None, "Orders"),
        ("contact_centre:caller:+12025550101", "call", "phone", None, None, None, "abandoned", None, "Orders"),
    ]
    assert quarantined(warehouse) == {
        ("value", "direction"),
        ("value", "wait_seconds"),
        ("value", "handle_seconds"),
        ("record", "no id"),
    }
    assert named(warehouse)[caller]["phones"] == ["+12025550100"]


def test_amazon(folder: Path, warehouse: Warehouse, prepare: Prepare) -> None:
    header = (
        "amazon-order-id,shipment-item-id,amazon-order-item-id,purchase-date,buyer-email,buyer-name,buyer-phone-number,"
        "sku,product-name,quantity-shipped,currency,item-price"
    )
    lines = (
        '111-1,s1,i1,2026-01-01T10:00:00+00:00,b1@marketplace.example,Ada L,+12025550100,G1,7" pan,2,USD,40.00',
        '111-1,s2,i2,2026-01-01T10:00:00+00:00,b1@marketplace.example,Ada L,+12025550100,G2,"Best" lid,1,USD,9.99',
        "111-2,s3,i3,2026-01-02T10:00:00+00:00,,,,G2,Lid,1,USD,nine",
        "111-2,s4,i4,2026-01-02T10:00:00+00:00",
    )
    put(folder, "amazon/orders.txt", "".join(line.replace(",", "\t") + "\n" for line in (header, *lines)))
    staged(folder, warehouse, prepare, {"use": "amazon"})
    buyer = "amazon:buyer:b1@marketplace.example"
    assert touches(
        warehouse, "record_id, kind, reference_id, amount::float, quantity::int, product_title", "amazon"
    ) == [
        (buyer, "order_line", "111-1", 40.0, 2, '7" pan'),
        (buyer, "order_line", "111-1", 9.99, 1, '"Best" lid'),
        (None, "order_line", "111-2", None, 1, "Lid"),
    ]
    assert quarantined(warehouse) == {
        ("value", "amount"),
        ("record", "not a row of the file: missing columns"),
    }
    record = named(warehouse)[buyer]
    assert (record["full_name"], record["phones"]) == ("Ada L", ["+12025550100"])


def test_the_other_order_report_of_amazon(folder: Path, warehouse: Warehouse, prepare: Prepare) -> None:
    header = "order-id\torder-item-id\tpurchase-date\tbuyer-email\tbuyer-name\tsku\tproduct-name\tquantity-purchased"
    put(
        folder,
        "amazon/orders.txt",
        f"{header}\tcurrency\titem-price\n111-1\ti1\t2026-01-01T10:00:00+00:00\tb@m.example\tAda\tG1\tPan\t2\tUSD\t40\n",
    )
    staged(folder, warehouse, prepare, {"use": "amazon"})
    assert touches(warehouse, "interaction_id, reference_id, quantity::int", "amazon") == [
        ("amazon:order_line:i1", "111-1", 2)
    ]


def test_loyalty(folder: Path, warehouse: Warehouse, prepare: Prepare) -> None:
    put(
        folder,
        "loyalty/members.csv",
        "member_number,first_name,last_name,email,phone,birth_date,tier,points_balance,member_since,email_opt_in,"
        "customer_number\n"
        "BR1,Ada,Lovelace,ada@x.com,,1990-02-28,Gold,1250,2016-01-31,no,7\n"
        "BR2,Bo,Li,bo@x.com,,1990-02-30,Silver,many,2999-01-01,perhaps,\n",
    )
    put(
        folder,
        "loyalty/points.csv",
        "transaction_id,member_number,occurred_at,type,points,order_number,channel,description\n"
        "t1,BR1,2026-01-01T10:00:00Z,earned,40,#1001,web,Order #1001\n"
        "t2,BR1,2026-01-02T10:00:00Z,redeemed,-500,,store,\n"
        "t3,BR9,2026-01-03T10:00:00Z,expired,-5,,,\n",
    )
    staged(folder, warehouse, prepare, {"use": "loyalty"})
    people = warehouse.read(
        "select record_id, loyalty_number, loyalty_tier, loyalty_points::int as points, member_since::text as since, "
        "email_marketing_consent from staging.stg_files__people order by 1"
    ).to_pylist()
    assert [tuple(row.values()) for row in people] == [
        ("loyalty:member:BR1", "BR1", "Gold", 1250, "2016-01-31", False),
        ("loyalty:member:BR2", "BR2", "Silver", None, None, None),
    ]
    assert touches(warehouse, "record_id, kind, quantity::int, outcome, reference_id, channel", "loyalty") == [
        ("loyalty:member:BR1", "points", 40, "earned", "#1001", "web"),
        ("loyalty:member:BR1", "points", -500, "redeemed", None, "store"),
        ("loyalty:member:BR9", "points", -5, "expired", None, None),
    ]
    assert quarantined(warehouse) == {
        ("value", "birth_date"),
        ("value", "loyalty_points"),
        ("value", "member_since"),
        ("value", "email_marketing_consent"),
    }
    assert named(warehouse).keys() == {"loyalty:member:BR1", "loyalty:member:BR2"}, "a number alone is no person"
