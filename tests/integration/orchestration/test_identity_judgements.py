"""A person's word about two records: it outweighs the model, it can be taken back, and nothing is lost on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.orchestration.conftest import IdentityRoom

ADA, ADA_TOO = "shopify:customer:0", "zendesk:user:0"
MARRIED, MARRIED_TOO = "shopify:customer:90", "zendesk:user:90"


@pytest.fixture
def two_lives(busy_room: IdentityRoom) -> IdentityRoom:
    """Ada, and Ada after her wedding and a move: nothing that the records say makes the two one."""
    for record_id in (MARRIED, MARRIED_TOO):
        busy_room.add(
            record_id,
            full_name="Ada King",
            given_name="Ada",
            family_name="King",
            emails=["ada@king.example"],
            phones=["+1 415 555 0199"],
        )
    groups = set(busy_room.groups())
    run(busy_room)
    assert busy_room.groups() == groups | {frozenset({MARRIED, MARRIED_TOO})}
    return busy_room


def braid(room: IdentityRoom, *arguments: str) -> str:
    done = room.braid(*arguments)
    assert done.exit_code == 0, done.stderr
    return done.output


def judge(room: IdentityRoom, one: str, other: str, verdict: str) -> str:
    return braid(room, "judge", one, other, verdict, "--why", "I know them", "--by", "ada").split(":")[0]


def run(room: IdentityRoom) -> dict[str, str]:
    assert room.run().success
    return room.customers()


def test_same_joins_and_different_splits(two_lives: IdentityRoom) -> None:
    before = two_lives.customers()
    judge(two_lives, ADA, MARRIED, "same")
    joined = run(two_lives)
    assert len({joined[record] for record in (ADA, ADA_TOO, MARRIED, MARRIED_TOO)}) == 1
    judge(two_lives, ADA, ADA_TOO, "different")
    after = run(two_lives)
    assert after[ADA] != after[ADA_TOO]
    assert after[ADA] == after[MARRIED]
    others = {record: customer for record, customer in before.items() if not record.endswith((":0", ":90"))}
    assert others.items() <= after.items()


def test_the_model_does_not_overrule(busy_room: IdentityRoom) -> None:
    judge(busy_room, ADA, ADA_TOO, "different")
    busy_room.add_person(0, "loyalty:member", "salesforce:contact")
    after = run(busy_room)
    assert after[ADA] != after[ADA_TOO]


def test_what_was_joined_by_a_judgement_comes_apart_as_it_was(two_lives: IdentityRoom) -> None:
    before, groups = two_lives.customers(), two_lives.groups()
    judgement = judge(two_lives, ADA, MARRIED, "same")
    joined = run(two_lives)
    lost = ({before[ADA], before[MARRIED]} - {joined[ADA]}).pop()
    braid(two_lives, "undo", judgement, "--why", "a slip")
    after = run(two_lives)
    assert two_lives.groups() == groups
    assert {record for record in before if after[record] != before[record]} == {
        record for record in before if before[record] == lost
    }
    assert "was merged: use" in braid(two_lives, "resolve", lost)


@pytest.mark.parametrize("record", [ADA, ADA_TOO, MARRIED, MARRIED_TOO])
def test_unmerge_takes_the_two_sides_apart(two_lives: IdentityRoom, record: str) -> None:
    groups = two_lives.groups()
    judge(two_lives, ADA, MARRIED, "same")
    run(two_lives)
    told = braid(two_lives, "unmerge", record, "--why", "two people")
    assert "away from 2 records" in told
    run(two_lives)
    assert two_lives.groups() == groups


def test_unmerge_says_that_nothing_holds_the_split(two_lives: IdentityRoom) -> None:
    judge(two_lives, ADA, MARRIED, "same")
    run(two_lives)
    assert "No bound and no decision holds it back" in braid(two_lives, "unmerge", ADA, "--why", "two people")


def test_unmerge_says_which_bound_will_hold_the_split(busy_room: IdentityRoom) -> None:
    with busy_room.warehouse.connect() as connection:
        connection.execute(
            "create schema golden; create table golden.consent_statements (record_id text, channel text, state text)"
        )
        connection.execute(
            "insert into golden.consent_statements values (%s, 'email', 'denied'), (%s, 'email', 'granted')",
            [ADA, ADA_TOO],
        )
    told = braid(busy_room, "unmerge", ADA, "--why", "namesakes")
    assert "held back for a person (newly_reachable)" in told
    assert "braid identity release" in told
    before = busy_room.groups()
    run(busy_room)
    assert busy_room.groups() == before, "what was said has come about"


def test_unmerge_says_that_a_person_holds_the_customer(busy_room: IdentityRoom) -> None:
    customer = busy_room.customers()[ADA]
    braid(busy_room, "hold", customer, "--why", "a court case", "--by", "grace")
    told = braid(busy_room, "unmerge", ADA, "--why", "namesakes")
    assert "held back for a person (" in told
    assert "court" not in told, "what a steward wrote may name somebody"
    before = busy_room.groups()
    run(busy_room)
    assert busy_room.groups() == before


def test_unmerge_alone_takes_out_one_record(two_lives: IdentityRoom) -> None:
    judge(two_lives, ADA, MARRIED, "same")
    run(two_lives)
    braid(two_lives, "unmerge", ADA_TOO, "--alone", "--why", "a shared help desk account")
    after = run(two_lives)
    assert after[ADA] == after[MARRIED] == after[MARRIED_TOO] != after[ADA_TOO]


def test_unmerge_of_what_the_model_joined_at_once(busy_room: IdentityRoom) -> None:
    """Ada's records were one customer from the first run on: nothing is known of an earlier side."""
    braid(busy_room, "unmerge", ADA, "--why", "two people of one name")
    after = run(busy_room)
    assert after[ADA] != after[ADA_TOO]


def test_a_judgement_remembers_what_was_seen(two_lives: IdentityRoom) -> None:
    judge(two_lives, ADA, ADA_TOO, "same")
    judge(two_lives, ADA, MARRIED, "unsure")
    seen, unseen = two_lives.store.judgements.every().to_pylist()
    assert seen["match_weight"] > 0
    assert seen["model_id"] == two_lives.store.last_publication().model_id
    assert (unseen["match_weight"], unseen["model_id"], unseen["judged_by"]) == (None, None, "ada")


def test_judgements_are_listed_with_what_counts(two_lives: IdentityRoom) -> None:
    assert "No judgements yet" in braid(two_lives, "judgements")
    first = judge(two_lives, ADA, MARRIED, "same")
    second = judge(two_lives, ADA, MARRIED, "different")
    shown = braid(two_lives, "judgements")
    assert second in shown
    assert first not in shown
    assert "replaced" in braid(two_lives, "judgements", "--all")
    assert "No judgements about that record" in braid(two_lives, "judgements", "--record", "zendesk:user:9")
    two_lives.remove(MARRIED)
    assert "a record is gone" in braid(two_lives, "judgements")


def test_a_judgement_that_newer_ones_rule_out_is_shown_as_such(two_lives: IdentityRoom) -> None:
    judge(two_lives, ADA, ADA_TOO, "different")
    judge(two_lives, ADA, MARRIED, "same")
    newest = judge(two_lives, ADA_TOO, MARRIED, "same")
    assert "contradicts the newer" in braid(two_lives, "judgements")
    assert newest in braid(two_lives, "judgements")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("judge", ADA, "shopify:customer:none", "same", "--why", "x"), "there is no record shopify:customer:none"),
        (("judge", ADA, ADA, "same", "--why", "x"), "name one record twice"),
        (("judge", ADA, MARRIED, "same", "--why", " "), "who judged and why"),
        (("judge", ADA, MARRIED, "same", "--why", "x", "--by", " "), "Give a name with --by"),
        (("unmerge", "x:y:z", "--why", "x"), "there is no record x:y:z"),
        (("undo", "jud_none", "--why", "x"), "cannot be undone"),
        (("resolve", "cus_none"), "was never issued"),
        (("resolve", "cus_none", "--as-of", "yesterday"), "is no moment"),
    ],
)
def test_mistakes_are_said(two_lives: IdentityRoom, arguments: tuple[str, ...], said: str) -> None:
    done = two_lives.braid(*arguments)
    assert done.exit_code == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_unmerge_of_a_record_alone_or_new_is_refused(busy_room: IdentityRoom) -> None:
    busy_room.add_person(50, "shopify:customer")
    assert "has no customer yet" in busy_room.braid("unmerge", "shopify:customer:50", "--why", "x").stderr
    run(busy_room)
    assert "nothing to unmerge" in busy_room.braid("unmerge", "shopify:customer:50", "--why", "x").stderr


def test_an_id_is_resolved_as_of_a_moment(busy_room: IdentityRoom) -> None:
    customer = busy_room.customers()[ADA]
    assert "is a customer" in braid(busy_room, "resolve", customer)
    assert "was never issued by 2001" in busy_room.braid("resolve", customer, "--as-of", "2001-01-01").stderr


def test_before_the_first_run_there_is_nothing_to_resolve(room: IdentityRoom) -> None:
    assert "no customer id has been issued yet" in room.braid("resolve", "cus_x").stderr
