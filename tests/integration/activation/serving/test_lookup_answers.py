"""What a lookup answers: everything at once for one customer, candidates for several, and what became of an id."""

from __future__ import annotations

import json
import time

import pytest

from activation.access.scopes import Scope
from activation.api.models import AgentProfile, Lookup
from tests.integration.activation.serving.conftest import (
    ADA,
    BYRON,
    CLARA,
    ERASED,
    GONE,
    MERGED,
    PHONE,
    RETIRED,
    SPLIT_AWAY,
)


@pytest.fixture
def support(client):
    return client(Scope.SUPPORT)


def look(api, **question):
    answer = api.get("/v1/profiles/lookup", params=question)
    assert answer.status_code == 200, answer.text
    Lookup.model_validate_json(answer.text)
    return answer.json()


def born(shop, customer_id: str, month: str) -> None:
    told = json.dumps({"birth_month": month})
    shop.execute(
        "update activation.profiles set telling = telling || %s::jsonb where customer_id = %s", [told, customer_id]
    )


def test_one_read_has_all_that_an_agent_needs(support) -> None:
    profile = look(support, email="Ada+x@lovelace.org")["profile"]
    assert set(profile) == set(AgentProfile.model_fields)
    assert [case["case_id"] for case in profile["open_cases"]] == ["zendesk:ticket:1"], "solved ones are left out"
    assert [order["order_name"] for order in profile["open_orders"]] == ["#o1"], "neither delivered nor forgotten ones"
    assert [item["interaction_id"] for item in profile["last_interactions"]] == [
        "i0001", "i0000", "i0003", "i0002", "i0005"
    ]  # fmt: skip
    assert profile["contact_points"]
    assert profile["segments"] == ["vip"]
    assert profile["persona"]["name"] == "loyalist"
    assert profile["consents"][0]["state"] == "granted"


def test_unhappy_contacts_of_late_are_told(shop, client) -> None:
    from activation.publish import publish
    from tests.integration.activation.serving.conftest import AS_OF

    shop.execute("update marts.interactions set rating = 0.25 where interaction_id = 'i0002'")
    shop.execute("update marts.interactions set sentiment = -0.9 where interaction_id = 'i0003'")
    shop.execute(
        "update marts.interactions set sentiment = -0.9, direction = 'outbound' where interaction_id = 'i0004'"
    )
    shop.execute(
        "update marts.interactions set rating = 0.1, occurred_at = '2025-01-01' where interaction_id = 'i0005'"
    )
    publish(shop.connection, "r2", AS_OF)
    complaints = look(client(Scope.SUPPORT), customer_id=ADA)["profile"]["complaints"]
    assert [one["interaction_id"] for one in complaints] == ["i0003", "i0002"]


def test_a_merged_id_answers_with_its_successor_and_says_so(support) -> None:
    answer = look(support, customer_id=MERGED)
    assert answer["profile"]["customer_id"] == ADA
    assert answer["asked"] == {"customer_id": MERGED, "status": "redirected", "siblings": [SPLIT_AWAY]}
    assert answer["profile"]["former_customer_ids"] == [MERGED]


def test_a_split_id_answers_with_its_heir_and_names_the_siblings(support) -> None:
    answer = look(support, customer_id=ADA)
    assert answer["profile"]["customer_id"] == ADA
    assert answer["asked"] == {"customer_id": ADA, "status": "living", "siblings": [SPLIT_AWAY]}
    assert answer["profile"]["sibling_customer_ids"] == [SPLIT_AWAY]
    assert look(support, customer_id=BYRON)["asked"] is None


def test_an_id_whose_records_went_to_others_answers_with_those(support) -> None:
    answer = look(support, customer_id=RETIRED)
    assert (answer["outcome"], answer["profile"]) == ("several", None)
    assert {one["customer_id"] for one in answer["candidates"]} == {BYRON, CLARA}
    assert answer["asked"]["status"] == "retired"
    gone = support.get(f"/v1/profiles/{RETIRED}")
    assert gone.status_code == 410
    assert BYRON in gone.json()["detail"]


@pytest.mark.parametrize("customer_id", [GONE, ERASED])
def test_an_id_of_which_nothing_is_left_is_gone(support, customer_id) -> None:
    for answer in (
        support.get("/v1/profiles/lookup", params={"customer_id": customer_id}),
        support.get(f"/v1/profiles/{customer_id}"),
    ):
        assert answer.status_code == 410
        assert answer.json()["title"] == "Gone"


def test_an_id_that_was_never_issued_is_not_found(support) -> None:
    assert support.get("/v1/profiles/lookup", params={"customer_id": "cus_no"}).status_code == 404


def test_a_family_phone_asks_the_one_question_and_gives_no_answer_away(support) -> None:
    answer = look(support, phone="(202) 555-0123")
    assert (answer["outcome"], answer["profile"], answer["candidate_count"]) == ("several", None, 3)
    assert {one["customer_id"] for one in answer["candidates"]} == {ADA, BYRON, CLARA}
    assert answer["question"]["question_id"] == "birth_month", "they all live in one town"
    told = str(answer)
    assert "May" not in answer["question"]["ask"]
    assert "1990" not in told
    assert "2012" not in told
    assert {one["expected"] for one in answer["candidates"]} == {None}


def test_a_steward_sees_what_each_would_answer(client) -> None:
    answer = look(client(Scope.STEWARD), phone=PHONE)
    assert {one["customer_id"]: one["expected"] for one in answer["candidates"]} == {
        ADA: "05",
        BYRON: "09",
        CLARA: None,
    }


def test_marketing_is_told_neither_names_nor_questions_and_may_not_answer(client) -> None:
    marketing = client(Scope.MARKETING)
    answer = look(marketing, phone=PHONE)
    assert answer["question"] is None
    assert "Lovelace" not in str(answer)
    refused = marketing.get("/v1/profiles/lookup", params={"phone": PHONE, "answer": "birth_month:May"})
    assert refused.status_code == 403


def test_answers_narrow_until_one_is_left(support) -> None:
    answer = look(support, phone=PHONE, answer="birth_month:May")
    assert answer["outcome"] == "several", "of Clara it is not known"
    assert [one["customer_id"] for one in answer["candidates"]] == [ADA, CLARA]
    assert answer["candidates"][0]["agrees_with"] == ["birth_month"]
    assert answer["question"] is None, "nothing else tells these two apart"


def test_several_answers_find_the_one(shop, support) -> None:
    answer = look(support, phone=PHONE, answer=["birth_month:September", "last_category:games"])
    assert [one["customer_id"] for one in answer["candidates"]] == [BYRON, CLARA]
    assert answer["candidates"][0]["agrees_with"] == ["birth_month", "last_category"]
    born(shop, CLARA, "01")
    found = look(support, phone=PHONE, answer="9")
    assert (found["outcome"], found["profile"]["customer_id"]) == ("found", BYRON)


def test_a_wrong_answer_opens_nothing(shop, support) -> None:
    """Not even the profile of the only one of whom the answer is not known."""
    answer = look(support, phone=PHONE, answer="birth_month:January")
    assert (answer["outcome"], answer["profile"]) == ("several", None)
    assert [(one["customer_id"], one["agrees_with"]) for one in answer["candidates"]] == [(CLARA, [])]
    born(shop, CLARA, "02")
    assert look(support, phone=PHONE, answer="birth_month:January")["outcome"] == "nobody"


def test_an_answer_counts_where_only_one_is_behind_the_identifier(support) -> None:
    assert look(support, email="ada@lovelace.org", answer="birth_month:5")["outcome"] == "found"
    assert look(support, email="ada@lovelace.org", answer="birth_month:6")["outcome"] == "nobody"


@pytest.mark.parametrize("answer", ["birth_month:whenever", "birth_month:", "city:---"])
def test_an_answer_that_is_none_says_what_would_be_one(support, answer) -> None:
    refused = support.get("/v1/profiles/lookup", params={"phone": PHONE, "answer": answer})
    assert refused.status_code == 422
    assert "whenever" not in refused.text


def test_every_lookup_is_in_the_audit_trail_without_what_was_asked(shop, support) -> None:
    look(support, phone=PHONE)
    look(support, email="ada@lovelace.org")
    look(support, phone=PHONE, answer="birth_month:May")
    deadline = time.monotonic() + 5
    rows = []
    while len(rows) < 3 and time.monotonic() < deadline:
        rows = shop.rows("select action, customer_ids, detail from activation.audit where action = 'profile.lookup' "
                         "order by audit_id")  # fmt: skip
        time.sleep(0.05)
    assert [(sorted(ids), detail["by"], detail["outcome"]) for _, ids, detail in rows] == [
        (sorted([ADA, BYRON, CLARA]), "phone", "several"),
        ([ADA], "email", "found"),
        (sorted([ADA, CLARA]), "phone", "several"),
    ]
    assert "2025550123" not in str(rows)
    assert "lovelace" not in str(rows)
    assert "May" not in str(rows)


def test_marketing_sees_the_profile_without_the_person(client) -> None:
    answer = look(client(Scope.MARKETING), customer_id=BYRON)
    assert answer["profile"]["segments"] == []
    assert "Lovelace" not in str(answer)
    assert PHONE not in str(answer)
    assert "records" not in answer["profile"]
