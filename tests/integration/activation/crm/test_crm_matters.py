"""What each CRM and marketing tool is particular about: addresses that move or are shared, values, types, lists."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from activation.publish import publish
from activation.sync.block import SyncBlock
from activation.sync.destination import DestinationError
from activation.sync.engine import run_sync
from activation.sync.history import dead_letters
from tests.integration.activation.crm.crm_tools import (
    EIGHT,
    HUBSPOT_CONTACTS,
    HUBSPOT_LIST,
    KLAVIYO_LIST,
    KLAVIYO_PROFILES,
    SALESFORCE,
    SALESFORCE_RECORDS,
    Case,
)

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)


def with_block(case: Case, **changes: Any) -> SyncBlock:
    return SyncBlock.model_validate(case.block.model_dump() | changes)


def klaviyo(tools, method: str, path: str, body: Any = None) -> Any:
    account = tools.accounts()["klaviyo"]
    headers = {"Authorization": f"Klaviyo-API-Key {account['api_key']}", "revision": "2025-07-15"}
    return httpx.request(method, f"{account['url']}{path}", json=body, headers=headers)


def hubspot(tools, method: str, path: str, body: Any = None) -> Any:
    account = tools.accounts()["hubspot"]
    headers = {"Authorization": f"Bearer {account['access_token']}"}
    return httpx.request(method, f"{account['url']}{path}", json=body, headers=headers)


def readdress(world, key: str, email: str) -> None:
    world.execute(
        "update golden.contact_points set value = %s, match_key = %s where customer_id = %s", [email, email, key]
    )
    world.execute("update golden.customers set email = %s where customer_id = %s", [email, key])
    publish(world.connection, "next", AS_OF)


@pytest.mark.parametrize("case", [KLAVIYO_PROFILES, KLAVIYO_LIST], ids=str)
def test_an_address_that_another_klaviyo_profile_has_moves_the_row_there(eight, tools, case) -> None:
    run_sync(eight.connection, case.block, tools.receiver(case))
    profile = {"type": "profile", "attributes": {"email": "office@mail.org", "last_name": "Kept"}}
    klaviyo(tools, "POST", "/api/profile-import", {"data": profile}).raise_for_status()
    readdress(eight, "c2", "office@mail.org")
    report = run_sync(eight.connection, case.block, tools.receiver(case))
    assert (report.acknowledged, report.rejected) == (1, 0)
    held = tools.held(case)
    assert "p2@mail.org" not in case.holds(held), "the former profile is cleared, or off the list"
    assert "office@mail.org" in case.holds(held)
    kept = [one for one in held["profiles"].values() if one["email"] == "office@mail.org"]
    assert [one["last_name"] for one in kept] == ["Kept"]
    assert len(held["profiles"]) == 9, "a profile is never deleted but for an erasure"


def test_what_klaviyo_knows_of_a_profile_is_left_alone(eight, tools) -> None:
    before = {"email": "P1@mail.org", "last_name": "Byron", "properties": {"shoe_size": 41, "braid_persona": "old"}}
    klaviyo(tools, "POST", "/api/profile-import", {"data": {"type": "profile", "attributes": before}})
    eight.execute("delete from segments.customer_personas where customer_id = 'c1'")
    publish(eight.connection, "next", AS_OF)
    run_sync(eight.connection, KLAVIYO_PROFILES.block, tools.receiver(KLAVIYO_PROFILES))
    (profile,) = [one for one in tools.held(KLAVIYO_PROFILES)["profiles"].values() if one["email"] == "p1@mail.org"]
    assert profile["last_name"] == "Byron"
    assert profile["properties"] == {"shoe_size": 41, "braid_value": 10.5}, "a persona that is gone is unset"


def test_a_shared_mailbox_is_one_member_of_a_list_and_stays_while_one_of_them_does(eight, tools) -> None:
    readdress(eight, "c2", "p1@mail.org")
    report = run_sync(eight.connection, KLAVIYO_LIST.block, tools.receiver(KLAVIYO_LIST))
    assert (report.acknowledged, report.rejected) == (8, 0)
    assert len(tools.holds(KLAVIYO_LIST)) == 7
    eight.execute("delete from segments.segment_memberships where customer_id = 'c1'")
    publish(eight.connection, "next", AS_OF)
    run_sync(eight.connection, KLAVIYO_LIST.block, tools.receiver(KLAVIYO_LIST))
    assert "p1@mail.org" in tools.holds(KLAVIYO_LIST)
    eight.execute("delete from segments.segment_memberships where customer_id = 'c2'")
    publish(eight.connection, "next", AS_OF)
    run_sync(eight.connection, KLAVIYO_LIST.block, tools.receiver(KLAVIYO_LIST))
    assert "p1@mail.org" not in tools.holds(KLAVIYO_LIST)


def test_a_withdrawn_consent_leaves_the_list_and_who_unsubscribed_in_klaviyo_is_not_subscribed(eight, tools) -> None:
    run_sync(eight.connection, KLAVIYO_LIST.block, tools.receiver(KLAVIYO_LIST))
    eight.execute("update golden.consents set state = 'denied' where customer_id = 'c5'")
    publish(eight.connection, "next", AS_OF)
    run_sync(eight.connection, KLAVIYO_LIST.block, tools.receiver(KLAVIYO_LIST))
    left = {key: one for key, one in EIGHT.items() if key != "c5"}
    assert tools.holds(KLAVIYO_LIST) == KLAVIYO_LIST.wanted(left)
    assert not [path for path in tools.asked(KLAVIYO_LIST) if "subscription" in path]


@pytest.mark.parametrize("case", [HUBSPOT_CONTACTS, HUBSPOT_LIST], ids=str)
def test_a_contact_that_hubspot_has_already_becomes_the_customers(eight, tools, case) -> None:
    tools.receiver(case).prepare({})
    made = {
        "id": "elsewhere",
        "idProperty": "braid_customer_id",
        "properties": {"email": "p1@mail.org", "city": "Oslo"},
    }
    hubspot(tools, "POST", "/crm/v3/objects/contacts/batch/upsert", {"inputs": [made]}).raise_for_status()
    key = next(iter(tools.held(case)["contacts"]))
    freed = {"inputs": [{"id": key, "properties": {"braid_customer_id": ""}}]}
    hubspot(tools, "POST", "/crm/v3/objects/contacts/batch/update", freed).raise_for_status()
    assert run_sync(eight.connection, case.block, tools.receiver(case)).acknowledged == 8
    held = tools.held(case)["contacts"]
    assert len(held) == 8
    assert held[key]["properties"]["city"] == "Oslo"
    assert held[key]["properties"]["braid_customer_id"] == "c1"


def test_the_contact_of_another_customer_is_not_overwritten(eight, tools) -> None:
    run_sync(eight.connection, HUBSPOT_CONTACTS.block, tools.receiver(HUBSPOT_CONTACTS))
    readdress(eight, "c2", "p1@mail.org")
    run_sync(eight.connection, HUBSPOT_CONTACTS.block, tools.receiver(HUBSPOT_CONTACTS))
    (letter,) = dead_letters(eight.connection, HUBSPOT_CONTACTS.block.name)
    assert "of another customer" in letter.reason
    held = tools.holds(HUBSPOT_CONTACTS)
    assert held["c1"] == HUBSPOT_CONTACTS.wanted(EIGHT)["c1"]
    assert "c2" not in held, "the address that it was known by may no longer be used"


@pytest.mark.parametrize(
    ("case", "field"),
    [
        (HUBSPOT_CONTACTS, "braid_long"),
        (SALESFORCE_RECORDS, "Braid_Long__c"),
    ],
    ids=str,
)
def test_a_list_is_sent_as_text(eight, tools, case, field) -> None:
    block = with_block(case, mapping={field: "segments"})
    assert run_sync(eight.connection, block, tools.receiver(case, block)).acknowledged == 8
    assert "vip" in str(tools.held(case)["contacts"])


@pytest.mark.parametrize("case", [KLAVIYO_PROFILES, KLAVIYO_LIST, HUBSPOT_CONTACTS, SALESFORCE], ids=str)
def test_a_bad_address_is_a_dead_letter_of_its_own_without_the_address(eight, tools, case) -> None:
    eight.execute(
        "update golden.contact_points set value = 'ada@byron', match_key = 'ada@byron' where customer_id = 'c4'"
    )
    eight.execute("update golden.customers set email = 'ada@byron' where customer_id = 'c4'")
    publish(eight.connection, "next", AS_OF)
    report = run_sync(eight.connection, case.block, tools.receiver(case))
    assert (report.acknowledged, report.rejected) == (7, 1)
    (letter,) = dead_letters(eight.connection, case.block.name)
    assert "byron" not in letter.reason
    assert "mail" in letter.reason.lower(), letter.reason


def test_a_name_that_salesforce_needs_and_nobody_maps_is_said_per_row(eight, tools) -> None:
    block = with_block(SALESFORCE, mapping={"Braid_Persona__c": "persona.name"})
    assert run_sync(eight.connection, block, tools.receiver(SALESFORCE, block)).rejected == 8
    assert {one.reason for one in dead_letters(eight.connection, block.name)} == {
        "REQUIRED_FIELD_MISSING: Required fields are missing: [LastName]"
    }


@pytest.mark.parametrize(
    ("case", "mapping", "said"),
    [
        (HUBSPOT_CONTACTS, {"city": "metrics.order_count"}, "city is of type string.*needs number"),
        (HUBSPOT_CONTACTS, {"createdate": "metrics.last_order_at"}, "createdate is read-only"),
        (HUBSPOT_CONTACTS, {"Braid Persona": "persona.name"}, "must be named like braid_persona"),
        (SALESFORCE_RECORDS, {"Birthdate": "persona.name"}, "Birthdate is of type date.*needs Text"),
        (SALESFORCE_RECORDS, {"Braid_Persona": "persona.name"}, "must be named like Braid_Persona__c"),
        (SALESFORCE_RECORDS, {"SystemModstamp": "metrics.last_order_at"}, "cannot be written"),
        (KLAVIYO_PROFILES, {"first_name": "metrics.order_count"}, "first_name holds text"),
        (KLAVIYO_PROFILES, {"location.planet": "address.country"}, "has no location.planet"),
        (KLAVIYO_PROFILES, {"external_id": "customer_id"}, "is not mapped"),
    ],
)
def test_a_field_that_cannot_hold_it_stops_the_sync_before_anything_is_sent(eight, tools, case, mapping, said) -> None:
    block = with_block(case, mapping=mapping)
    with pytest.raises(DestinationError, match=said):
        run_sync(eight.connection, block, tools.receiver(case, block))
    assert tools.most_written(case) == 0


def test_a_hubspot_list_that_fills_itself_is_not_written_to(eight, tools) -> None:
    body = {"name": "Our prospects/north", "objectTypeId": "0-1", "processingType": "DYNAMIC"}
    hubspot(tools, "POST", "/crm/v3/lists", body).raise_for_status()
    with pytest.raises(DestinationError, match="fills itself"):
        run_sync(eight.connection, HUBSPOT_LIST.block, tools.receiver(HUBSPOT_LIST))


def test_two_klaviyo_lists_of_one_name_are_not_guessed_between(eight, tools) -> None:
    for _ in range(2):
        body = {"data": {"type": "list", "attributes": {"name": "Our news"}}}
        klaviyo(tools, "POST", "/api/lists", body).raise_for_status()
    with pytest.raises(DestinationError, match="2 lists named Our news"):
        run_sync(eight.connection, KLAVIYO_LIST.block, tools.receiver(KLAVIYO_LIST))
