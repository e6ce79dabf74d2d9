"""Telling candidates apart: the question with the most bits, answers read as people say them, never a guess."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

from activation.api import examples, models
from activation.api.candidates import narrow, next_question, shown
from activation.api.questions import (
    ATTRIBUTES,
    attribute,
    best_question,
    bits_of,
    read_month,
    read_month_of_year,
    read_words,
    value_of,
)

MONTH, CITY = (attribute(name) for name in ("birth_month", "city"))


def row(customer_id: str, **telling: str) -> dict:
    return {"customer_id": customer_id, "telling": telling, "full_name": None, "sources": [], "last_seen_at": None}


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("May", "05"), ("5", "05"), ("05", "05"), (" 17 may ", "05"), ("Sept", None), ("sep", "09"), ("13", None),
        ("0", None), ("May or June", None), ("", None), ("\u0665", None), ("1990", None),
    ],
)  # fmt: skip
def test_months_are_read_as_people_say_them(said: str, read: str | None) -> None:
    assert read_month(said) == read


@pytest.mark.parametrize(
    ("said", "read"),
    [("May 2026", "2026-05"), ("2026-05", "2026-05"), ("5/2026", "2026-05"), ("May", None), ("2026", None)],
)
def test_months_of_a_year_are_read(said: str, read: str | None) -> None:
    assert read_month_of_year(said) == read


def test_words_are_compared_without_case_accents_and_punctuation() -> None:
    assert read_words("Sao paulo!") == read_words("São  Paulo")
    assert read_words("Store 12") != read_words("Store 13")
    assert read_words(" - ") is None


def test_the_question_is_the_one_that_tells_most() -> None:
    same_city = [{"birth_month": month, "city": "Oslo"} for month in ("01", "02", "03", "04")]
    best = best_question(same_city)
    assert best is not None
    assert (best[0].question_id, best[1]) == ("birth_month", 2.0)
    towns = [{"birth_month": "01", "city": town} for town in ("Oslo", "Rome")]
    best = best_question(towns)
    assert best is not None
    assert best[0].question_id == "city"
    assert best_question(towns, ["city"]) is None


def test_what_is_not_known_tells_less() -> None:
    assert MONTH is not None
    known = bits_of(MONTH, [{"birth_month": "01"}, {"birth_month": "02"}])
    half = bits_of(MONTH, [{"birth_month": "01"}, {}])
    assert known == 1.0
    assert 0 < half < known
    assert bits_of(MONTH, [{}, {}]) == 0


def test_nothing_sensitive_is_ever_asked() -> None:
    asked = {one.question_id for one in ATTRIBUTES}
    assert not asked & {"birth_date", "street", "email", "phone", "loyalty_number", "full_name", "total_amount"}


def test_the_right_answer_leaves_one_and_a_wrong_one_nobody() -> None:
    rows = [row("a", birth_month="05"), row("b", birth_month="09")]
    left, asked = narrow(rows, ["birth_month:May"])
    assert [(one.row["customer_id"], one.agrees_with) for one in left] == [("a", ("birth_month",))]
    assert next_question(left, asked) is None
    assert narrow(rows, ["birth_month:July"])[0] == []


def test_an_answer_without_a_name_is_to_the_question_that_would_be_asked() -> None:
    rows = [row("a", birth_month="05", city="Oslo"), row("b", birth_month="09", city="Oslo")]
    left, asked = narrow(rows, ["May"])
    assert asked[0].attribute.question_id == "birth_month"
    assert [one.row["customer_id"] for one in left] == ["a"]


def test_of_whom_nothing_is_known_stays_and_agrees_with_nothing() -> None:
    left, _ = narrow([row("a", birth_month="05"), row("b")], ["birth_month:July"])
    assert [(one.row["customer_id"], one.agrees_with) for one in left] == [("b", ())]


@pytest.mark.parametrize("answers", [["birth_month:whenever"], ["birth_month:May", "birth_month:June"], ["x"] * 3])
def test_an_answer_that_is_none_is_refused(answers: list[str]) -> None:
    with pytest.raises(HTTPException) as refused:
        narrow([row("a", birth_month="05"), row("b", birth_month="09")], answers)
    assert refused.value.status_code == 422


def test_a_part_of_a_kind_of_product_is_an_answer() -> None:
    left, _ = narrow([row("a", last_category="Kitchen and dining"), row("b", last_category="Games")], ["kitchen"])
    assert [one.row["customer_id"] for one in left] == ["a"]


def test_expected_answers_are_shown_only_when_asked_for() -> None:
    left, asked = narrow([row("a", birth_month="05"), row("b", birth_month="09")], [])
    question = next_question(left, asked)
    assert question is not None
    assert {one["expected"] for one in shown(left, question[0], expected=False)} == {None}
    assert {one["expected"] for one in shown(left, question[0], expected=True)} == {"05", "09"}


tellings = st.fixed_dictionaries(
    {},
    optional={
        "birth_month": st.integers(1, 12).map("{:02}".format),
        "city": st.sampled_from(["Oslo", "Rome", "São Paulo"]),
        "last_category": st.sampled_from(["Games", "Kitchen and dining", "Kitchen"]),
        "last_order_month": st.sampled_from(["2026-01", "2026-05"]),
        "first_order_year": st.sampled_from(["2019", "2024"]),
    },
)


@given(st.lists(tellings, min_size=2, max_size=8), st.data())
def test_who_tells_the_truth_is_never_lost_and_questions_come_to_an_end(known: list[dict], data: st.DataObject) -> None:
    rows = [row(f"c{number}", **telling) for number, telling in enumerate(known)]
    true = data.draw(st.sampled_from(rows))
    answers: list[str] = []
    for _ in range(len(ATTRIBUTES) + 1):
        left, asked = narrow(rows, answers)
        assert true["customer_id"] in {one.row["customer_id"] for one in left}
        question = next_question(left, asked)
        if question is None:
            break
        assert 0 < question[1] <= math.log2(len(left)) + 1e-9
        said = true["telling"].get(question[0].question_id)
        if said is None:
            break
        assert value_of(true["telling"], question[0]) is not None
        answers.append(f"{question[0].question_id}:{said}")
    else:
        pytest.fail("the questions do not end")


@pytest.mark.parametrize(
    ("shape", "example"),
    [
        *((models.Lookup, example) for example in examples.LOOKUPS.values()),
        (models.Profile, examples.PROFILE),
        (models.Timeline, examples.TIMELINE),
        (models.CustomerPersona, examples.CUSTOMER_PERSONA),
        (models.Why, examples.WHY),
        (models.Segments, examples.SEGMENTS),
        (models.Members, examples.MEMBERS),
        (models.SegmentExplanation, examples.SEGMENT_EXPLANATION),
        (models.Personas, examples.PERSONAS),
        (models.ServiceFigures, examples.SERVICE),
    ],
)
def test_every_example_has_the_shape_that_it_shows(shape, example) -> None:
    assert set(example) <= set(shape.model_fields)
    shape.model_validate(example)
