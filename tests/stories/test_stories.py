"""The promises that are told as stories (sandbox/stories), each seen with the eyes of who asked for it."""

from __future__ import annotations

from typing import Any

import pytest

from activation.api.models import AgentProfile
from tests.stories.conftest import Day, Days

pytestmark = pytest.mark.slow


def conversation(day: Day, items: list[dict[str, Any]], **wanted: str) -> str:
    """The conversation of the one touchpoint with these values."""
    found = [item for item in items if all(str(item[name]) == value for name, value in wanted.items())]
    assert len(found) == 1, f"{len(found)} touchpoints with {wanted}"
    assert found[0]["conversation_id"] is not None
    return str(found[0]["conversation_id"])


def test_a_shoes_on_instagram_a_code_in_the_store_a_complaint_and_a_call(days: Days) -> None:
    mia = days.first.customer("a", "mia")
    told = days.first.stories["a"].told
    # The agent knows nothing but the number that calls.
    profile = days.first.profile(phone="(212) 736-5081")
    assert profile["customer_id"] == mia
    items = days.first.timeline(mia)
    # The visit that the advertisement brought, when nobody knew who she was.
    (advert,) = [item for item in items if item["campaign"] == told["campaign"] and item["kind"] == "visit"]
    assert any(item["kind"] == "product_view" and item["campaign"] == told["campaign"] for item in items)
    code = conversation(days.first, items, kind="code")
    complaint = conversation(days.first, items, kind="mention")
    call = conversation(days.first, items, kind="call")
    assert code == complaint == call == advert["conversation_id"]
    texts = " ".join(f"{item['subject']} {item['body']} {item['reference_id']}" for item in items)
    assert told["code"] in texts
    assert "your checkout refuses it" in texts
    (thread,) = [one for one in profile["conversations"] if one["conversation_id"] == code]
    assert {"store", "x", "phone"} <= set(thread["channels"])


def test_b_who_bought_the_game_is_out_of_its_audience_by_the_next_run(days: Days) -> None:
    bruno, nora = days.first.customer("b", "bruno"), days.first.customer("b", "nora")
    assert "interested_in_games" in days.first.segments(bruno)
    assert "interested_in_games" in days.first.segments(nora)
    assert "interested_in_games" not in days.second.segments(bruno)
    assert "interested_in_games" in days.second.segments(nora)
    (bruno_again, nora_again) = days.second.customer("b", "bruno"), days.second.customer("b", "nora")
    assert (bruno_again, nora_again) == (bruno, nora)
    (left,) = days.second.rows(
        "select left_because from segments.segment_membership_history "
        "where segment = 'interested_in_games' and customer_id = %s and left_at is not null",
        bruno,
    )
    assert left["left_because"] == "data"
    # What the advertising tool holds, not only what Braid thinks.
    assert "bruno.castellane" in days.first.dropped("interested_in_games")
    assert "bruno.castellane" not in days.second.dropped("interested_in_games")
    assert "nora.wexford" in days.second.dropped("interested_in_games")


def test_c_order_message_and_chat_are_one_conversation(days: Days) -> None:
    carla = days.first.customer("c", "carla")
    told = days.first.stories["c"].told
    items = days.first.timeline(carla)
    order = conversation(days.first, items, kind="order")
    chats = {item["conversation_id"] for item in items if item["channel"] == "chat"}
    messages = {
        item["conversation_id"] for item in items if item["channel"] == "instagram" and item["kind"] == "message"
    }
    assert chats == messages == {order}
    profile = days.first.profile(email="carla.vandersteen@sunpost.example")
    (thread,) = [one for one in profile["conversations"] if one["conversation_id"] == order]
    assert thread["order_ids"] == [told["order_id"]]
    assert thread["has_open_case"] is True
    (after,) = [
        one for one in days.second.profile(customer_id=carla)["conversations"] if one["conversation_id"] == order
    ]
    assert after["has_open_case"] is False, "the ticket was solved on the second day"


def test_d_ten_years_loyalty_and_the_text_are_in_the_profile_when_she_calls(days: Days) -> None:
    dora = days.second.customer("d", "dora")
    profile = days.second.profile(phone="+1 206 736 5085")
    assert profile["customer_id"] == dora
    assert profile["loyalty"]["tier"].lower() == days.second.stories["d"].told["tier"]
    assert profile["loyalty"]["member_since"].startswith("2016-04-18")
    assert profile["metrics"]["customer_since"].startswith("2016")
    assert "ten_year_customers" in profile["segments"]
    items = days.second.timeline(dora)
    (text,) = [item for item in items if item["channel"] == "sms" and item["direction"] == "inbound"]
    assert "cracked lid" in text["body"]
    assert text["order_id"] == days.second.stories["d"].told["order_id"]
    (call,) = [item for item in items if item["kind"] == "call"]
    assert call["conversation_id"] == text["conversation_id"]


def test_e_a_cart_bought_in_the_store_is_not_reminded_of(days: Days) -> None:
    emil = days.first.customer("e", "emil")
    assert "abandoned_checkout" in days.first.segments(emil)
    assert "emil.brandvold" in days.first.dropped("abandoned_checkout")
    assert days.second.customer("e", "emil") == emil
    assert "abandoned_checkout" not in days.second.segments(emil)
    assert "emil.brandvold" not in days.second.dropped("abandoned_checkout")


def test_f_a_couple_are_two_people_of_one_household_with_a_consent_each(days: Days) -> None:
    fay, gus = days.first.customer("f", "fay"), days.first.customer("f", "gus")
    assert fay != gus
    households = days.first.rows(
        "select household_id from golden.household_members where customer_id = any(%s)", [fay, gus]
    )
    assert len(households) == 2
    assert households[0] == households[1]
    said = {
        (row["customer_id"], row["channel"]): row["state"]
        for row in days.first.rows(
            "select customer_id, channel, state from golden.consents "
            "where purpose = 'marketing' and channel in ('email', 'sms') and customer_id = any(%s)",
            [fay, gus],
        )
    }
    assert said == {
        (fay, "email"): "granted",
        (fay, "sms"): "denied",
        (gus, "email"): "denied",
        (gus, "sms"): "granted",
    }
    # Their e-mail points at both: never a guess.
    told = days.first.stories["f"].told
    answer = days.first.api.get("/v1/profiles/lookup", params={"email": told["email"]}).json()
    assert answer["outcome"] == "several"
    assert {one["customer_id"] for one in answer["candidates"]} == {fay, gus}


def test_g_an_opt_out_in_one_system_holds_in_all(days: Days) -> None:
    gail, hugo = days.first.customer("g", "gail"), days.first.customer("g", "hugo")
    states = {
        customer: {
            (row["channel"], row["state"])
            for row in days.first.rows(
                "select channel, state from golden.consents where purpose = 'marketing' and customer_id = %s", customer
            )
        }
        for customer in (gail, hugo)
    }
    assert "granted" not in {state for _, state in states[gail]}
    assert {("email", "denied"), ("sms", "denied"), ("advertising", "denied")} <= states[gail]
    assert {("email", "granted"), ("sms", "granted")} <= states[hugo]
    reasons = days.first.rows(
        "select evidence from golden.consents where customer_id = %s and channel = 'email' and purpose = 'marketing'",
        gail,
    )
    assert any(
        item["record_id"].startswith("loyalty:") and item["state"] == "denied" for item in reasons[0]["evidence"]
    )
    for day in (days.first, days.second):
        marketing = [
            row["segment"] for row in day.rows("select segment from activation.segments where purpose = 'marketing'")
        ]
        assert marketing
        sent = "".join(day.dropped(segment) for segment in marketing)
        assert "gail.montrose" not in sent
        assert "hugo.ferreira" in sent


def test_nobody_of_the_stories_is_mixed_up_on_either_day(days: Days) -> None:
    for letter, story in days.first.stories.items():
        for name in story.people:
            assert days.first.customer(letter, name) == days.second.customer(letter, name), "the id is permanent"


def test_a_real_profile_has_the_shape_that_the_api_promises(days: Days) -> None:
    profile = days.second.profile(email="mia.okonkwo.reyes@fernpost.example")
    AgentProfile.model_validate(profile)
    assert set(profile) == set(AgentProfile.model_fields)
