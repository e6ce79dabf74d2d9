"""Why records are one customer: what it hangs by, who came near, and what keeps those out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from identity import contract
from identity.why.bits import Weighed, as_whole, total, weigh
from identity.why.case import Case, pair_table
from identity.why.customer import explain_customer
from identity.why.missing import what_would_do
from identity.why.words import customer_lines, to_json
from tests.unit.identity.why_case import told, world

SAME_EMAIL, SAME_NAME, SAME_DATE = {"email": 5}, {"given_name": 8}, {"birth_date": 7}
OTHER_NAME, OTHER_DATE = {"given_name": 0}, {"birth_date": 0}

HOPELESS = {**SAME_EMAIL, **OTHER_NAME, **OTHER_DATE}


def why_not(case: Case, customer: str, other: str) -> list[str]:
    explanation, _ = explain_customer(case, customer)
    (found,) = [neighbour for neighbour in explanation.nearest if neighbour.customer_id == other]
    return [reason.kind for reason in found.apart.reasons]


def two(levels: dict[str, int], bits: float) -> Case:
    return told({"cus_a": ["t:p:1"], "cus_b": ["t:p:2"]}, {("t:p:1", "t:p:2"): levels}, {("t:p:1", "t:p:2"): bits})


def test_a_real_customer_is_explained_whole() -> None:
    customer = world().customer_of["test:person:0"]
    explanation, anatomy = explain_customer(world(), customer)
    members = {"test:person:0", "test:person:1", "test:person:2"}
    assert {holding.record.record_id for holding in explanation.holdings} == members == set(anatomy.members)
    assert explanation.weakest is not None
    assert explanation.cut_bits == pytest.approx(sum(edge.match_weight for edge in explanation.cut), abs=0.05)
    assert all(edge.words for edge in explanation.edges)
    assert all(edge.cut for edge in explanation.cut)
    text = "\n".join(customer_lines(explanation))
    assert "It falls apart without" in text
    assert "Quackenbush" not in text + to_json(explanation)
    assert json.loads(to_json(explanation))["cut"]
    shown, _ = explain_customer(world(), customer, show_values=True)
    assert "Zebulon Quackenbush" in "\n".join(customer_lines(shown))


def test_a_contradiction_is_said() -> None:
    case = two({**SAME_EMAIL, **OTHER_NAME, **OTHER_DATE}, 3.0)
    assert why_not(case, "cus_a", "cus_b") == ["contradiction", "evidence"]
    explanation, _ = explain_customer(case, "cus_a")
    assert explanation.nearest[0].apart.would_do == ()


def test_missing_evidence_says_what_would_do() -> None:
    explanation, _ = explain_customer(two(SAME_NAME, -1.0), "cus_a")
    (neighbour,) = explanation.nearest
    assert [reason.kind for reason in neighbour.apart.reasons] == ["evidence"]
    assert neighbour.apart.would_do == ("one more agreeing e-mail address", "an agreeing birth date")
    assert "would do: one more agreeing e-mail address, or an" in "\n".join(customer_lines(explanation))


@pytest.mark.parametrize("levels", [SAME_NAME, OTHER_NAME, {}, {"email": 0}, {**SAME_NAME, "email": 0}, HOPELESS])
def test_what_would_do_does(levels: dict[str, int]) -> None:
    """Each fact that is offered, once it is there, does bring the two to the threshold."""
    case = two(levels, 0.0)
    agreeing = {"birth date": SAME_DATE, "e-mail address": SAME_EMAIL, "given name": SAME_NAME}
    pairs = pair_table([("t:p:1", "t:p:2")])
    offered = what_would_do(as_whole(weigh(case.compare(pairs), case.model), case.model), case.model, 2.0)
    for offer in offered:
        facts = [level for words, fact in agreeing.items() if words in offer for level in fact.items()]
        better = two({**levels, **dict(facts)}, 0.0)
        assert total(as_whole(weigh(better.compare(pairs), case.model), case.model).bits, case.model) >= 2.0
    assert bool(offered) == (levels != HOPELESS)


def test_wholes_are_compared_by_the_mean_of_what_could_be_compared() -> None:
    case = told(
        {"cus_a": ["t:p:1", "t:p:2"], "cus_b": ["t:p:3"]},
        {("t:p:1", "t:p:3"): {**SAME_EMAIL, **SAME_NAME}, ("t:p:2", "t:p:3"): OTHER_NAME},
        {},
    )
    weighed = weigh(case.compare(pair_table([("t:p:1", "t:p:3"), ("t:p:2", "t:p:3")])), case.model)
    whole = as_whole(weighed, case.model)
    assert whole.bits[0].tolist() == [12.0, 0.0, 0.0]  # e-mail of one pair; names +6 and -6; no dates
    sums = [12.0 + case.model.prior_weights[0], 4.0 + 0.5 + case.model.prior_weights[1]]
    assert total(whole.bits, case.model) == pytest.approx(-np.logaddexp2(-sums[0], -sums[1]))


def test_a_user_name_does_not_count_where_the_family_name_it_stands_for_does() -> None:
    model = world().model
    places = [comparison.name for comparison in model.comparisons]
    user_name, family_name = places.index("user_name"), places.index("family_name")
    gammas = np.full((2, len(places)), -1, dtype=np.int8)
    gammas[0, user_name], gammas[1, family_name] = 3, 0
    bits = np.where(gammas >= 0, 5.0, 0.0)
    pairs = (("t:p:1", "t:p:3"), ("t:p:2", "t:p:3"))
    weighed = Weighed(pairs, gammas, bits, (bits,), np.zeros(2))
    assert as_whole(weighed, model).bits[:, user_name].tolist() == [0.0, 0.0]
    alone = as_whole(weighed.among([("t:p:1", "t:p:3")]), model)
    assert alone.bits[:, user_name].tolist() == [5.0, 5.0]


def test_a_competing_customer_is_named() -> None:
    pairs = {("t:p:1", "t:p:2"): 6.0, ("t:p:2", "t:p:3"): 6.5, ("t:p:1", "t:p:3"): -8.0}
    levels = {("t:p:1", "t:p:2"): {**SAME_EMAIL, **SAME_NAME}, ("t:p:2", "t:p:3"): {**SAME_EMAIL, **SAME_NAME}}
    case = told({"cus_a": ["t:p:1"], "cus_b": ["t:p:2"], "cus_c": ["t:p:3"]}, levels, pairs)
    explanation, _ = explain_customer(case, "cus_a")
    (reason,) = explanation.nearest[0].apart.reasons
    assert reason.kind == "competition"
    assert "cus_b could as well be cus_c (up to 6.5 bits" in reason.words


def test_what_nothing_keeps_apart_is_said_to_be_open() -> None:
    assert why_not(two({**SAME_EMAIL, **SAME_NAME, **SAME_DATE}, 9.0), "cus_a", "cus_b") == ["open"]


def test_one_record_per_source_is_a_reason_where_it_is_asked_for() -> None:
    case = two({**SAME_EMAIL, **SAME_NAME, **SAME_DATE}, 9.0)
    settings = case.frozen.settings.model_copy(update={"one_record_per_source": True})
    strict = replace(case, frozen=replace(case.frozen, settings=settings))
    assert why_not(strict, "cus_a", "cus_b") == ["one_per_source"]


def test_a_judgement_is_a_reason() -> None:
    row = {
        "judgement_id": "1",
        "record_id_a": "t:p:1",
        "record_id_b": "t:p:2",
        "verdict": "different",
        "judged_by": "mia",
        "judged_at": datetime(2026, 1, 1, tzinfo=UTC),
        "reason": "brothers",
        "origin": "steward",
    }
    case = two({**SAME_EMAIL, **SAME_NAME, **SAME_DATE}, 9.0)
    judged = replace(case, judgements=pa.Table.from_pylist([row], schema=contract.JUDGEMENTS))
    assert why_not(judged, "cus_a", "cus_b") == ["judged"]
    assert "brothers" not in to_json(explain_customer(judged, "cus_a")[0])


def test_a_demoted_identifier_is_told_with_its_evidence() -> None:
    shared = pa.table(
        {
            "kind": ["email", "phone"],
            "value": ["zeb.q@harbourpost.net", "+12025559999"],
            "class": ["household", "business"],
            "agreement": [0.41, 0.1],
        }
    )
    explanation, _ = explain_customer(replace(world(), shared=shared), world().customer_of["test:person:0"])
    (identifier,) = explanation.shared
    assert (identifier.kind, identifier.value) == ("email", "z***@h***.net")
    assert identifier.evidence == {"class": "household", "agreement": 0.41}
    assert identifier.carried_by == ("test:person:0", "test:person:1")
    assert "class household, agreement 0.41" in "\n".join(customer_lines(explanation))


def test_a_record_alone_is_a_customer_too() -> None:
    explanation, _ = explain_customer(told({"cus_a": ["t:p:1"]}, {}, {}), "cus_a")
    assert (explanation.cut_bits, explanation.weakest, explanation.nearest) == (None, None, ())
    assert "No other customer came near." in "\n".join(customer_lines(explanation))


def test_an_unknown_customer_is_refused() -> None:
    with pytest.raises(KeyError, match="has no records"):
        explain_customer(world(), "cus_nobody")
