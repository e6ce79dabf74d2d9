"""The question asked is the one that tells most, and never gives a value away."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from identity.lookup.question import COLUMNS, best_question

NOTHING: dict[str, Any] = dict.fromkeys(COLUMNS)


def of(**values: str) -> list[dict[str, Any]]:
    return [NOTHING | values]


def test_the_answer_that_parts_all_of_them_is_asked_for() -> None:
    customers = [
        of(birth_date="19610304", postcode="45263"),
        of(birth_date="19610711", postcode="97201"),
        of(birth_date="19881123", postcode="10001"),
    ]
    question = best_question(NOTHING, customers, [0.3, 0.3, 0.3])
    assert question is not None
    assert (question.attribute, question.answers) == ("postcode", 3)
    asked = best_question(NOTHING | {"postcode": "45264"}, customers, [0.3, 0.3, 0.3])
    assert asked is not None
    assert (asked.attribute, asked.answers) == ("birth_year", 2)


def test_what_is_known_of_one_only_tells_little_and_what_is_known_of_none_nothing() -> None:
    assert best_question(NOTHING, [of(city="leeds"), of()], [0.5, 0.5]) is None
    assert best_question(NOTHING, [of(city="leeds"), of(city="leeds")], [0.5, 0.5]) is None
    assert best_question(NOTHING, [of(city="leeds")], [0.5]) is None
    assert best_question(NOTHING, [], []) is None


def test_a_likely_customer_is_worth_more_than_two_unlikely_ones() -> None:
    customers = [of(city="leeds", postcode="a"), of(city="york", postcode="a"), of(city="york", postcode="b")]
    question = best_question(NOTHING, customers, [0.9, 0.02, 0.02])
    assert question is not None
    assert question.attribute == "city"


@given(
    customers=st.lists(
        st.lists(st.sampled_from(["leeds", "york", None]), min_size=1, max_size=3), min_size=2, max_size=5
    )
)
def test_a_question_tells_no_more_than_there_is_to_know_and_names_nobody(customers: list[list[str | None]]) -> None:
    rows = [[NOTHING | {"city": city} for city in cities] for cities in customers]
    question = best_question(NOTHING, rows, [1.0] * len(rows))
    if question is not None:
        assert 0 < question.bits <= 2.33
        assert question.answers == 2
        assert "leeds" not in question.words + question.attribute
