"""Masking: marketing learns nothing of who a customer is or how to reach them, whatever the profile holds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activation.access.masking import (
    mask_candidates,
    mask_profile,
    mask_record_id,
    mask_timeline,
    mask_value,
    sees_people,
)
from activation.access.scopes import Scope
from activation.api.models import Interaction, Profile

MARKETING = frozenset({Scope.MARKETING})
SECRETS = {
    "ada@lovelace.org", "+12025550123", "Ada Lovelace", "Ada", "Lovelace", "1815-12-10", "1 Main St", "0150",
    "Where is my order?", "Countess", "Analytical Ltd", "LN-77", "newsletter:person:ada@lovelace.org", "ada.l",
}  # fmt: skip
PROFILE = {
    "customer_id": "c1",
    "name": {"full": "Ada Lovelace", "given": "Ada", "family": "Lovelace"},
    "primary": {"email": "ada@lovelace.org", "phone": "+12025550123", "instagram": "ada.l", "x": None},
    "address": {"street": "1 Main St", "city": "Oslo", "region": None, "postcode": "0150", "country": "NO"},
    "language": "en",
    "birth_date": "1815-12-10",
    "birth_place": "London",
    "occupation": "Countess",
    "organisation": "Analytical Ltd",
    "loyalty": {"number": "LN-77", "tier": "gold", "points": 3, "member_since": "2016-05-04"},
    "household": None,
    "contact_points": [
        {"kind": "email", "value": "ada@lovelace.org", "is_primary": True,
         "record_ids": ["newsletter:person:ada@lovelace.org"]},
        {"kind": "phone", "value": "+12025550123"},
    ],
    "consents": [{"channel": "email", "purpose": "marketing", "state": "granted", "basis": "stated",
                  "evidence": {"newsletter:person:ada@lovelace.org": "yes, ada@lovelace.org"}}],
    "persona": {"name": "loyalist", "reason": "three orders"},
    "segments": ["vip"],
    "metrics": {"order_count": 3},
    "open_ticket_count": 1,
    "link_strength": 0.99,
    "record_count": 2,
    "sources": ["shopify"],
    "first_seen_at": "2026-01-01T00:00:00+00:00",
    "last_seen_at": "2026-02-01T00:00:00+00:00",
    "conversations": [{"conversation_id": "v1", "started_at": "2026-01-01T00:00:00Z", "channels": ["chat"],
                       "ended_at": "2026-01-01T00:00:00Z", "last_words": "Where is my order?"}],
    "attributes": {
        "email": {"value": "ada@lovelace.org", "record_id": "newsletter:person:ada@lovelace.org", "rule": "most_recent",
                  "source": "newsletter", "alternatives": [{"value": "+12025550123"}]},
        "city": {"value": "Oslo", "record_id": "shopify:customer:1", "source": "shopify", "rule": "most_recent"},
    },
    "records": [{"record_id": "newsletter:person:ada@lovelace.org", "source": "newsletter", "entity": "person"}],
    "former_customer_ids": [],
    "a_field_of_tomorrow": {"maiden_name": "Countess"},
}  # fmt: skip


def test_marketing_sees_nothing_that_names_or_reaches_a_person() -> None:
    masked = json.dumps(mask_profile(PROFILE, MARKETING), ensure_ascii=False)
    assert [secret for secret in SECRETS if f'"{secret}"' in masked or secret in masked] == []


def test_a_masked_profile_keeps_what_marketing_is_for_and_the_published_shape() -> None:
    masked = mask_profile(PROFILE, MARKETING)
    profile = Profile.model_validate(masked)
    assert (profile.segments, profile.metrics, profile.address.city) == (["vip"], {"order_count": 3}, "Oslo")
    assert profile.persona is not None
    assert profile.loyalty is not None
    assert profile.loyalty.tier == "gold"
    assert profile.consents[0].state == "granted"
    assert profile.contact_points[0].value == "a•••@•••.org"
    assert profile.attributes["city"].value == "Oslo"


@pytest.mark.parametrize("scope", [Scope.SUPPORT, Scope.STEWARD, Scope.ADMIN])
def test_who_talks_with_customers_sees_them_whole(scope) -> None:
    scopes = frozenset({scope, Scope.MARKETING})
    assert sees_people(scopes)
    assert mask_profile(PROFILE, scopes) == PROFILE


@pytest.mark.parametrize("scopes", [MARKETING, frozenset({Scope.EVENTS}), frozenset()])
def test_no_other_scope_sees_people(scopes) -> None:
    assert not sees_people(scopes)


def test_a_timeline_keeps_what_happened_and_hides_what_was_said() -> None:
    said = {
        "interaction_id": "i1", "occurred_at": "2026-01-01T00:00:00Z", "channel": "email", "kind": "message",
        "subject": "Ada Lovelace asks", "body": "Where is my order?", "amount": None,
        "reference_id": "ada@lovelace.org", "record_id": "newsletter:person:ada@lovelace.org",
    }  # fmt: skip
    (masked,) = mask_timeline([said], MARKETING)
    assert Interaction.model_validate(masked).body == "•••"
    assert (masked["subject"], masked["record_id"], masked["channel"]) == ("•••", "newsletter:person:•••", "email")
    assert "ada@lovelace.org" not in json.dumps(masked)
    assert mask_timeline([said], frozenset({Scope.SUPPORT})) == [said]


def test_candidates_are_told_apart_without_names() -> None:
    (masked,) = mask_candidates([{"customer_id": "c1", "full_name": "Ada Lovelace", "sources": ["x"]}], MARKETING)
    assert masked == {"customer_id": "c1", "full_name": "A•••", "sources": ["x"]}


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("ada@lovelace.org", "a•••@•••.org"),
        ("a@localhost", "a•••@•••"),
        ("+12025550123", "+•••23"),
        ("12025550123", "1•••"),
        ("Ada", "A•••"),
        ("@", "@•••"),
        ("", ""),
        (None, None),
    ],
)
def test_a_value_keeps_its_shape(value, masked) -> None:
    assert mask_value(value) == masked


@given(st.emails())
def test_no_address_survives(address) -> None:
    suffix = address.rpartition(".")[2]
    assert mask_value(address) == f"{address[0]}•••@•••.{suffix}"


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=3))
def test_no_native_id_survives(source, entity, native) -> None:
    masked = mask_record_id(f"{source}:{entity}:{native}") or ""
    assert masked.endswith(":•••")
    assert masked.count(":") <= 2
