"""Each rule of the gate, alone: one customer who would be sent, and the one thing that keeps them out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import psycopg
import pytest

from activation.consent import GateRules, decisions, excluded, hashed_addresses, permitted
from activation.consent.suppressions import Reason, Suppression, lift, suppress
from activation.schema import migrate
from activation.sync.block import SyncBlock

Connection = psycopg.Connection[Any]
SEGMENTS: Final = (
    ("newsletter", "marketing", 0.5, False),
    ("care", "service", 0.2, False),
    ("quiet", "suppression", 0.9, False),
    ("strange", "anything", 0.0, False),
    ("unhappy_recently", "service", 0.0, False),
    ("resting", "service", 0.0, True),
)
EVERYTHING: Final = ["email:marketing", "email:service", "advertising:marketing"]
BY_PHONE: Final = ["sms:marketing", "sms:service", "phone:service", "whatsapp:service"]


class Published:
    """Rows of schema `activation`, as a publication leaves them."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        migrate(connection)
        for segment, purpose, strength, holds_back in SEGMENTS:
            self.say(
                "insert into activation.segments (segment, purpose, destinations, minimum_link_strength, size, "
                "holds_back) values (%s, %s, '{}', %s, 0, %s)", segment, purpose, strength, holds_back,
            )  # fmt: skip

    def say(self, statement: str, *values: object) -> None:
        with self.connection.transaction():
            self.connection.execute(statement, values)

    def customer(self, name: str, strength: float = 1.0, *segments: str) -> None:
        """Somebody who agreed to e-mails and texts, at an address and a number of their own."""
        self.say("insert into activation.profiles values (%s, '{}', %s, gen_random_uuid())", name, strength)
        self.say("insert into activation.profile_identifiers values ('record_id', %s, %s)", f"r:{name}", name)
        for channel in ("email", "sms", "advertising"):
            self.say("insert into activation.consents values (%s, %s, 'marketing', 'granted')", name, channel)
        self.point(name, "email", f"{name}@a.example", EVERYTHING)
        self.point(name, "phone", f"+4420{len(name)}{sum(map(ord, name))}", BY_PHONE)
        for segment in segments or ("newsletter", "care", "quiet"):
            self.say("insert into activation.segment_members values (%s, %s)", segment, name)

    def point(
        self, name: str, kind: str, value: str, granted: list[str], *, what: str = "personal", verified: bool = True,
        place: int = 1, refused: list[str] | None = None, key: str | None = None,
    ) -> None:  # fmt: skip
        self.say(
            "insert into activation.contact_permissions values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            name, kind, value, key or value, what, verified, place, granted, refused or [],
        )  # fmt: skip

    def why(self, block: SyncBlock, name: str = "ann", rules: GateRules | None = None) -> str | None:
        """The exclusion of a customer."""
        row = self.answers(block, rules)[name]
        assert (row[2] is None) or (row[0] is None and row[1] == [])
        why: str | None = row[2]
        return why

    def answers(
        self, block: SyncBlock, rules: GateRules | None = None, only: list[str] | None = None
    ) -> dict[str, tuple[Any, ...]]:
        """Address, addresses and exclusion of every customer that the gate judges."""
        with self.connection.transaction():
            return {row[0]: row[1:] for row in self.connection.execute(permitted(block, rules, only=only))}


def block(
    channel: str = "email", purpose: str = "marketing", model: str = "segment:newsletter", **other: Any
) -> SyncBlock:
    told = {"name": "a_sync", "destination": "any", "minimum_link_strength": 0.6, **other}
    return SyncBlock.model_validate({**told, "model": model, "channel": channel, "purpose": purpose})


@pytest.fixture
def published(connection: Connection) -> Iterator[Published]:
    made = Published(connection)
    made.customer("ann")
    yield made


def test_who_agreed_is_sent_at_the_address_that_agreed(published: Published) -> None:
    assert published.answers(block()) == {"ann": ("ann@a.example", ["ann@a.example"], None)}
    assert published.why(block("sms")) is None
    assert published.why(block("email", "service", "segment:care")) is None
    assert published.answers(block("none", "service", "customers")) == {"ann": (None, [], None)}


def test_the_best_address_comes_first_and_an_address_that_did_not_agree_never(published: Published) -> None:
    published.point("ann", "email", "b@a.example", EVERYTHING, place=3)
    published.point("ann", "email", "golden@a.example", ["email:service"], place=2)
    assert published.answers(block())["ann"][:2] == ("ann@a.example", ["ann@a.example", "b@a.example"])
    published.say("update activation.contact_permissions set granted = '{email:service}' where place = 1")
    assert published.answers(block())["ann"][0] == "b@a.example"
    published.say("update activation.contact_permissions set granted = '{email:service}'")
    assert published.why(block()) == "address_not_agreed"


def test_advertising_gets_all_addresses_e_mails_first(published: Published) -> None:
    published.say("update activation.contact_permissions set granted = granted || '{advertising:marketing}'::text[]")
    _, found, why = published.answers(block("advertising"))["ann"]
    assert (found[0], len(found), why) == ("ann@a.example", 2, None)


def test_silence_and_refusal(published: Published) -> None:
    published.say("update activation.consents set state = 'unknown' where channel = 'email'")
    assert published.why(block()) == "consent_unknown"
    published.say("delete from activation.consents where channel = 'email'")
    assert published.why(block()) == "consent_unknown"
    published.say("insert into activation.consents values ('ann', 'email', 'marketing', 'denied')")
    assert published.why(block()) == "consent_denied"
    assert published.why(block("advertising")) == "consent_denied"
    assert published.why(block("sms")) is None


def test_a_number_is_not_handed_out_for_texts_when_calls_are_refused(published: Published) -> None:
    published.say("insert into activation.consents values ('ann', 'phone', 'marketing', 'denied')")
    assert published.why(block("sms")) == "consent_denied"
    assert published.why(block()) is None


def test_service_asks_only_that_it_is_not_refused(published: Published) -> None:
    care = block("email", "service", "segment:care")
    published.say("update activation.consents set state = 'denied'")
    published.say(
        "update activation.contact_permissions set refused = '{email:marketing}', granted = '{email:service}'"
    )
    assert published.why(care) is None
    published.say("insert into activation.consents values ('ann', 'email', 'service', 'denied')")
    assert published.why(care) == "consent_denied"


@pytest.mark.parametrize("model", ["segment:newsletter", "segment:strange"])
def test_marketing_does_not_become_service_by_being_sent_as_it(published: Published, model: str) -> None:
    published.say("insert into activation.segment_members values ('strange', 'ann')")
    published.say("update activation.consents set state = 'denied' where channel = 'email'")
    assert published.why(block("email", "service", model)) == "consent_denied"
    assert published.why(block("none", "service", model)) == "purpose_needs_channel"
    assert published.why(block("none", "marketing", "customers")) == "purpose_needs_channel"
    assert published.why(block("advertising", "service", "customers")) == "consent_denied"


@pytest.mark.parametrize(("strength", "why"), [(0.59, "weak_link"), (0.6, None)])
def test_a_weak_link(published: Published, strength: float, why: str | None) -> None:
    published.say("update activation.profiles set link_strength = %s", strength)
    assert published.why(block()) == why
    published.say("update activation.segments set minimum_link_strength = 0.9")
    assert published.why(block()) == "weak_link"


@pytest.mark.parametrize("segment", ["unhappy_recently", "resting"])
def test_no_promotion_for_those_who_are_held_back(published: Published, segment: str) -> None:
    published.say("insert into activation.segment_members values (%s, 'ann')", segment)
    assert published.why(block()) == "promotion_blocked"
    assert published.why(block("email", "service", "segment:care")) is None
    rules = GateRules(promotion_blocked_by=())
    assert published.why(block(), rules=rules) == (None if segment == "unhappy_recently" else "promotion_blocked")


def test_addresses_that_do_not_serve(published: Published) -> None:
    published.say("update activation.contact_permissions set type = 'unreachable'")
    assert published.why(block()) == "unreachable"
    published.say("update activation.contact_permissions set type = 'personal', verified = false")
    assert published.why(block()) is None
    assert published.why(block(), rules=GateRules(verified_only=("email",))) == "unverified"
    published.say("delete from activation.contact_permissions where kind = 'email'")
    assert published.why(block()) == "no_contact_point"


def test_who_shares_an_address_and_refuses_closes_it_for_all(published: Published) -> None:
    published.customer("bob")
    published.point("bob", "email", "Ann+x@a.example", [], refused=["email:marketing"], key="ann@a.example", place=2)
    assert published.why(block()) == "address_refused"
    assert published.why(block("email", "service", "segment:care")) is None
    published.point("ann", "email", "own@a.example", EVERYTHING, place=2)
    assert published.answers(block())["ann"][:2] == ("own@a.example", ["own@a.example"])


def test_who_is_gone_is_not_published(published: Published) -> None:
    published.say("delete from activation.profiles")
    assert published.why(block()) == "not_published"


def test_whoever_the_destination_holds_is_judged_too(published: Published) -> None:
    published.customer("bob", 1.0, "care")
    assert set(published.answers(block())) == {"ann"}
    published.say("insert into activation.deliveries (destination, key, customer_id) values ('a_sync', 'k', 'bob')")
    assert set(published.answers(block())) == {"ann", "bob"}
    assert set(published.answers(block(), only=["bob"])) == {"bob"}


def test_who_is_left_out_is_counted(published: Published) -> None:
    published.customer("bob")
    published.customer("cleo", 0.1)
    suppress(published.connection, [Suppression(customer_id="bob")], "a test")
    assert excluded(published.connection, block()) == {"suppressed": 1, "weak_link": 1}
    assert excluded(published.connection, block("email", "service", "customers")) == {"suppressed": 1, "weak_link": 1}


def test_decisions_of_every_segment(published: Published) -> None:
    published.say("update activation.consents set state = 'denied' where channel = 'email'")
    published.say("update activation.profiles set link_strength = 0.1")
    with published.connection.transaction():
        found = {row[0]: row[1:] for row in published.connection.execute(decisions("email"))}
    assert found["newsletter"] == ("ann", "marketing", None, "weak_link")
    assert found["quiet"] == ("ann", "suppression", None, None)
    published.say("update activation.profiles set link_strength = 1")
    with published.connection.transaction():
        found = {row[0]: row[1:] for row in published.connection.execute(decisions("email"))}
    assert found["newsletter"][3] == "consent_denied"
    assert found["care"] == ("ann", "service", "ann@a.example", None)
    with pytest.raises(KeyError):
        decisions("pigeon")


def test_lists_that_keep_people_out_have_hashes_alone(published: Published) -> None:
    with published.connection.transaction():
        rows = published.connection.execute(hashed_addresses()).fetchall()
    assert {(row[0], row[1], len(row[2])) for row in rows} == {("ann", "email", 64), ("ann", "phone", 64)}


@pytest.mark.parametrize(
    ("fields", "closed"),
    [
        ({}, {"email", "sms", "advertising", "care", "none"}),
        ({"purpose": "marketing"}, {"email", "sms", "advertising"}),
        ({"purpose": "service"}, {"care", "none"}),
        ({"channel": "email"}, {"email", "advertising", "care"}),
        ({"channel": "phone", "purpose": "marketing"}, {"sms", "advertising"}),
        ({"channel": "advertising"}, {"advertising"}),
    ],
)
def test_what_a_suppression_closes(published: Published, fields: dict[str, Any], closed: set[str]) -> None:
    published.say("update activation.contact_permissions set granted = granted || '{advertising:marketing}'::text[]")
    asked = {channel: block(channel) for channel in ("email", "sms", "advertising")}
    asked |= {"care": block("email", "service", "segment:care"), "none": block("none", "service", "customers")}
    suppress(published.connection, [Suppression(customer_id="ann", **fields)], "a test")
    assert {name for name, one in asked.items() if published.why(one) == "suppressed"} == closed
    assert lift(published.connection, "a test", whom=Suppression(customer_id="ann")) == 1
    assert {name for name, one in asked.items() if published.why(one)} == set()


def test_a_dead_mailbox_is_only_that_and_a_persons_word_holds_for_the_person(published: Published) -> None:
    published.point("ann", "email", "own@a.example", EVERYTHING, place=2)
    bounced = Suppression.of_address("Ann+tag@A.example", "GB", reason=Reason.BOUNCED)
    suppress(published.connection, [bounced], "destination a_sync")
    assert published.answers(block())["ann"] == ("own@a.example", ["own@a.example"], None)
    said_no = Suppression.of_address("own@a.example", "GB", reason=Reason.UNSUBSCRIBED, purpose="marketing")
    suppress(published.connection, [said_no], "destination a_sync")
    assert published.why(block()) == "suppressed"
    assert published.why(block("email", "service", "segment:care")) is None
    assert published.why(block("sms")) == "suppressed"
    published.say("update activation.contact_permissions set type = 'household' where value = 'own@a.example'")
    assert published.why(block("sms")) is None


def test_a_suppressed_customer_stays_suppressed_through_merges_and_splits(published: Published) -> None:
    suppress(published.connection, [Suppression(customer_id="ann")], "a test")
    published.customer("bob")
    published.say("update activation.profile_identifiers set customer_id = 'bob' where match_key = 'r:ann'")
    published.say("delete from activation.profiles where customer_id = 'ann'")
    assert published.why(block(), "bob") == "suppressed"
    published.customer("cleo")
    published.say("update activation.profile_identifiers set customer_id = 'cleo' where match_key = 'r:ann'")
    assert (published.why(block(), "bob"), published.why(block(), "cleo")) == (None, "suppressed")
    published.say("insert into activation.profile_identifiers values ('customer_id', 'ann', 'bob')")
    assert published.why(block(), "bob") == "suppressed"
