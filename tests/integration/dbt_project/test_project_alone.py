"""`dbt build` alone, over the small company of `fixture/`: what each main table then says of whom."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from psycopg.rows import dict_row

from orchestration.warehouse import Warehouse


def rows(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    with warehouse.connect() as connection:
        return connection.execute(query).fetchall()


def one(warehouse: Warehouse, query: str) -> dict[str, Any]:
    with warehouse.connect() as connection:
        found = connection.cursor(row_factory=dict_row).execute(query).fetchall()
    assert len(found) == 1, found
    return found[0]


def test_customers_are_put_together_by_the_rules(company: Warehouse) -> None:
    found = rows(
        company,
        "select customer_id, full_name, email, phone, city, loyalty_tier, record_count::int from golden.customers "
        "order by 1",
    )
    assert found == [
        ("ada", "Ada Lovelace", "ada@new.example", "+442071838750", "London", None, 5),
        ("bob", "Bob Bo", "bob@bo.example", None, None, None, 1),
        ("cleo", "Cleo Pair", "pair@home.example", "+442071838751", "Leeds", "Gold", 2),
        ("dan", "Dan Pair", "pair@home.example", "+442071838751", "Leeds", None, 1),
        ("eve", "Eve Echo", "eve@echo.example", None, "Oslo", None, 2),
        ("finn", "Finn Fox", "finn@fox.example", None, None, None, 2),
        ("gus", None, None, "+442071838770", None, None, 2),
        ("hana", "Hana Hill", "h@marketplace.example", None, None, None, 1),
        ("ivo", "Ivo Ink", "ivo@ink.example", None, None, None, 1),
        ("june", "June Jay", "june@jay.example", "+442071838760", None, None, 1),
        ("kim", "Kim Kite", "kim@kite.example", None, None, None, 1),  # the number is somebody else's by now
        ("lea", "Lea Lime", None, None, None, None, 2),
    ]


def test_where_did_this_e_mail_come_from_is_one_query(company: Warehouse) -> None:
    email = one(
        company,
        "select record_id, rule, alternatives->0->>'value' as lost from golden.golden_attributes "
        "where customer_id = 'ada' and attribute = 'email'",
    )
    assert email == {"record_id": "shopify:customer:1", "rule": "verified_first", "lost": "ada@old.example"}


def test_what_reaches_nobody_is_kept_and_never_primary(company: Warehouse) -> None:
    found = rows(
        company,
        "select customer_id, kind, value, is_primary, match_key is null from golden.contact_points "
        "where type = 'unreachable' order by customer_id",
    )
    assert found == [("ada", "email", "test@test.com", False, True), ("kim", "phone", "+442071838799", False, False)]


def test_an_opt_out_in_one_system_holds_in_all(company: Warehouse) -> None:
    found = rows(
        company,
        "select customer_id, string_agg(state, ' ' order by channel, purpose) from golden.consents "
        "where (channel, purpose) in (('advertising', 'marketing'), ('email', 'marketing'), ('sms', 'marketing')) "
        "and customer_id in ('ada', 'bob', 'cleo', 'dan', 'gus') group by 1 order by 1",
    )
    assert found == [
        ("ada", "denied denied granted"),  # the CRM knows of the opt-out, the shop does not
        ("bob", "granted granted unknown"),
        ("cleo", "granted granted granted"),
        ("dan", "denied denied unknown"),  # his partner's consent to the same mailbox is not his
        ("gus", "unknown unknown unknown"),
    ]
    asked = "select state, basis from golden.consents where customer_id = 'ada' and channel = "
    assert one(company, asked + "'phone' and purpose = 'service'") == {"state": "granted", "basis": "default"}


def test_a_couple_is_two_people_in_one_household(company: Warehouse) -> None:
    household = one(company, "select member_count, shared_address, bonds from golden.households")
    assert household == {
        "member_count": 2,
        "shared_address": "5 shared lane, ls1",
        "bonds": ["address", "email", "phone"],
    }
    found = rows(company, "select customer_id, other_customer_ids from golden.household_members order by 1")
    assert found == [("cleo", ["dan"]), ("dan", ["cleo"])]


def test_a_profile_is_one_document(company: Warehouse) -> None:
    found = one(company, "select document::text as document from golden.profiles where customer_id = 'ada'")
    ada = json.loads(found["document"])
    assert ada["primary"] == {"email": "ada@new.example", "phone": "+442071838750", "instagram": "ada.l", "x": None}
    assert (ada["address"]["street"], ada["address"]["previous_city"]) == ("1 New St", "Bath")
    assert ada["attributes"]["street"]["alternatives"][0]["lost_because"] == "older"
    assert {record["record_id"] for record in ada["records"]} > {"salesforce:contact:C1", "zendesk:user:1"}
    refused = {e["field"] for c in ada["consents"] for e in c["evidence"] if e["state"] == "denied"}
    assert (len(ada["consents"]), refused, ada["household"]) == (10, {"email_opt_out"}, None)


def test_every_touchpoint_is_on_the_timeline(company: Warehouse) -> None:
    found = rows(
        company,
        "select source, kind, count(*)::int, count(customer_id)::int from marts.interactions "
        "group by 1, 2 order by 1, 2",
    )
    assert found == [
        ("amazon", "order_line", 2, 2),
        ("contact_centre", "call", 2, 2),
        ("ga4", "add_to_cart", 1, 1),
        ("ga4", "visit", 3, 2),  # somebody who never said who they are
        ("gladly", "message", 2, 2),
        ("gladly", "ticket", 1, 1),
        ("loyalty", "points", 1, 1),
        ("meta", "comment", 1, 1),
        ("meta", "message", 3, 3),
        ("salesforce", "campaign_response", 1, 1),
        ("shopify", "checkout", 2, 2),
        ("shopify", "order", 8, 7),  # a sale at the till to nobody
        ("shopify", "return", 1, 1),
        ("sprout", "mention", 1, 1),
        ("store", "code", 1, 1),
        ("survey", "survey", 2, 1),
        ("x", "mention", 1, 1),
        ("x", "message", 2, 2),
        ("zendesk", "message", 5, 5),
        ("zendesk", "note", 1, 1),
        ("zendesk", "rating", 2, 2),
        ("zendesk", "ticket", 3, 3),
    ]


def test_a_conversation_goes_from_channel_to_channel(company: Warehouse) -> None:
    late = one(
        company,
        "select channels, order_ids, case_ids, inbound_count::int, first_reply_minutes::float8 as minutes, "
        "has_open_case from marts.conversations where customer_id = 'ada' and order_ids = array['101']",
    )
    assert late == {
        "channels": ["web", "instagram", "email"],
        "order_ids": ["101"],
        "case_ids": ["zendesk:ticket:11"],
        "inbound_count": 3,
        "minutes": 30.0,
        "has_open_case": False,
    }
    written = "select order_id, order_evidence from marts.interactions where reference_id = '21' or body like '%#101%'"
    assert one(company, written) == {"order_id": "101", "order_evidence": "written"}


def test_orders_of_all_systems_and_what_was_paid(company: Warehouse) -> None:
    found = rows(
        company,
        "select order_id, customer_id, bought_through, revenue, is_sale, is_returned from marts.orders order by 1",
    )
    assert found == [
        ("101", "ada", "online", Decimal("40.00"), True, False),
        ("102", "ada", "store", Decimal("60.00"), True, False),
        ("103", "bob", "online", Decimal("30.00"), True, False),
        ("104", "bob", "online", Decimal("30.00"), True, False),
        ("105", "cleo", "online", Decimal("54.00"), True, False),
        ("106", "dan", "social", Decimal("40.00"), True, True),
        ("107", "eve", "online", Decimal("0.00"), False, False),
        ("108", None, "store", Decimal("7.00"), True, False),
        ("amazon:orders:A-1", "hana", "marketplace", Decimal("42.50"), True, False),
    ]


def test_the_figures_of_one_customer(company: Warehouse) -> None:
    ada = one(company, "select * from marts.customer_metrics where customer_id = 'ada'")
    expected = {
        "order_count": 2,
        "revenue": Decimal("100.00"),
        "average_order_value": Decimal("50.00"),
        "days_since_last_order": 11,
        "order_channels": ["store", "web"],
        "favourite_category": "Games",
        "rfm_group": "champions",
        "spend_rank": Decimal("0.200000"),
        "channels": ["chat", "email", "instagram", "store", "web"],
        "first_touch_channel": "instagram",
        "last_touch_channel": "chat",
        "tenure_days": 2223,
        "ticket_count": 2,
        "open_ticket_count": 1,
        "overdue_ticket_count": 1,
        "last_csat": Decimal("1.000"),
        "open_cart_at": None,  # bought in the store the next day
    }
    assert {name: ada[name] for name in expected} == expected


def test_the_figures_of_customer_service(company: Warehouse) -> None:
    found = rows(
        company,
        "select month::text, channel, cases_opened::int, cases_solved::int, average_resolution_minutes::float8, "
        "share_answered_within_two_hours::float8, csat::float8, nps::float8, repeat_contacts::int, backlog::int "
        "from marts.service_figures where level = 'month' or level = 'month_channel' and month = '2026-01-01' "
        "order by 1, 2 nulls first",
    )
    assert found == [
        ("2025-12-01", None, 2, 2, 2160.0, 0.5, 0.5, None, 0, 0),
        ("2026-01-01", None, 4, 2, 724.5, 0.5, 0.889, -100.0, 1, 1),
        ("2026-01-01", "chat", 2, 1, 1440.0, 0.5, None, None, 0, 1),
        ("2026-01-01", "email", 0, 0, None, None, None, -100.0, 0, 0),
        ("2026-01-01", "instagram", 0, 0, None, None, None, None, 0, 0),
        ("2026-01-01", "phone", 2, 1, 9.0, 0.5, None, None, 1, 0),
        ("2026-01-01", "store", 0, 0, None, None, 0.889, None, 0, 0),
        ("2026-02-01", None, 0, 0, None, None, None, None, 0, 1),
    ]


def test_who_is_in_which_segment(company: Warehouse) -> None:
    found = rows(
        company,
        "select segment, array_agg(customer_id order by customer_id) from segments.segment_memberships "
        "group by 1 order by 1",
    )
    assert dict(found) == {
        "abandoned_checkout": ["bob"],  # Ada bought it in the store
        "cross_sell": ["cleo"],
        "detractors": ["gus"],
        "engaged_on_social_never_bought": ["eve", "lea"],
        "households": ["cleo", "dan"],
        "lapsing": ["bob"],
        "loyalty_gold": ["cleo"],
        "new_customers": ["cleo", "dan", "hana"],
        "online_only": ["bob", "cleo", "dan", "hana"],
        "prefers_email": ["kim"],
        "prefers_phone": ["gus"],
        "recent_buyers_suppression": ["ada", "cleo", "dan", "hana"],
        "social_shoppers": ["dan"],
        "ten_year_customers": ["cleo"],
        "unhappy_recently": ["ada"],
        "waiting_for_support": ["ada"],
    }
    # Ada shops online and in the store, but waits for an answer: no promotion meanwhile.
    assert rows(company, "select customer_id from segments.seg_omnichannel_shoppers") == [("ada",)]


def test_everyone_has_one_persona(company: Warehouse) -> None:
    found = rows(
        company,
        "select persona, array_agg(customer_id order by customer_id) from segments.customer_personas group by 1",
    )
    assert dict(found) == {
        "big_spender": ["ada"],
        "social_browser": ["dan"],
        "newcomer": ["finn", "gus", "hana", "june", "lea"],
        "occasional_shopper": ["bob", "cleo", "eve", "ivo", "kim"],
    }


def test_what_does_not_fit_is_set_aside_with_its_reason(company: Warehouse) -> None:
    set_aside = one(company, "select stream, record_key, reason from staging.quarantine")
    assert (set_aside["stream"], set_aside["record_key"]) == ("orders", "bad")
    assert "totalPriceSet.shopMoney.amount: missing" in set_aside["reason"]
