"""Exports of well-known tools through a line `use: <mapping>`: social posts, calls, a marketplace, loyalty."""

from __future__ import annotations

from pathlib import Path

from orchestration.warehouse import Warehouse
from tests.integration.orchestration.ready_case import Prepare, named, put, quarantined, staged, touches


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
