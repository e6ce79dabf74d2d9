"""A rule that is wrong is answered with its place, the word and the nearest valid one; a right one with nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activation.audiences.rules import RuleCheck
from tests.unit.activation.audiences.audience_words import WORDS, problems, problems_of, write

GOOD: list[Any] = [
    {"trait": "order_count", "at_least": 3},
    {"trait": "order_count", "between": [2, 5], "label": "some orders"},
    {"trait": "lifetime_value", "above": 10.5},
    {"trait": "language", "in": ["en", "fr"]},
    {"trait": "has_email", "is": True},
    {"trait": "last_order_at", "within_days": 0},
    {"trait": "last_order_at", "before": "2026-01-31"},
    {"trait": "birth_date", "anniversary_this_month": True},
    {"trait": "channels", "includes": ["web", "store"]},
    {"trait": "channel_mix", "known": False},
    {"segment": "vip"},
    {"not": {"segment": "vip"}},
    {"any": [{"segment": "vip"}, {"all": [{"trait": "has_email", "known": True}]}]},
    {"event": "visit"},
    {"event": "order_line", "where": {"category": "Games", "quantity": {"at_least": 2}}, "within_days": 90, "is": 0},
    {"event": "product_view", "older_than_days": 10, "within_days": 30, "unless_bought": "product_id"},
    {"all": [{"trait": "order_count", "at_least": 3}, {"trait": "order_count", "at_most": 3}]},
]

BAD: list[tuple[Any, str, str]] = [
    ({"trait": "ordr_count", "at_least": 3}, "where.trait", "did you mean order_count?"),
    ({"trait": "order_count", "at_leest": 3}, "where.at_leest", "did you mean at_least?"),
    ({"trait": "order_count", "at_least": "3"}, "where.at_least", "takes a number"),
    ({"trait": "order_count", "at_least": True}, "where.at_least", "takes a number"),
    ({"trait": "order_count", "at_least": float("nan")}, "where.at_least", "takes a number"),
    ({"trait": "order_count", "at_least": 3, "at_most": 5}, "where", "exactly one of"),
    ({"trait": "order_count"}, "where", "it has none"),
    ({"trait": "order_count", "between": [5, 2]}, "where.between", "the smaller first"),
    ({"trait": "order_count", "in": []}, "where.in", "a list of numbers"),
    ({"trait": "language", "is": 7}, "where.is", "in quotes if it looks like a number"),
    ({"trait": "language", "within_days": 7}, "where.within_days", "language is a text"),
    ({"trait": "has_email", "is": "yes"}, "where.is", "true or false"),
    ({"trait": "last_order_at", "within_days": -1}, "where.within_days", "0 or more"),
    ({"trait": "last_order_at", "within_days": 1.5}, "where.within_days", "a whole number of days"),
    ({"trait": "last_order_at", "within_days": 10**9}, "where.within_days", "a hundred years"),
    ({"trait": "birth_date", "anniversary_within_days": 400}, "where.anniversary_within_days", "at most 366"),
    ({"trait": "last_order_at", "before": "2026-02-30"}, "where.before", "a day of the calendar"),
    ({"trait": "channel_mix", "is": "web"}, "where.is", "channel_mix is a document"),
    ({"trait": ["order_count"], "is": 1}, "where.trait", "there is no trait"),
    ({"segment": "vipp"}, "where.segment", "did you mean vip?"),
    ({"segment": "fans"}, "where.segment", "cannot name itself"),
    ({"segment": "vip", "is": True}, "where.is", "does not go with segment"),
    ({"all": []}, "where.all", "at least one"),
    ({"any": {"segment": "vip"}}, "where.any", "takes a list"),
    ({"all": [{"segment": "vip"}, "vip"]}, "where.all[2]", "a condition is a mapping"),
    ({"all": [{"segment": "vip"}], "any": [{"segment": "vip"}]}, "where", "this one has all and any"),
    ({"trate": "order_count"}, "where", "did you mean trait?"),
    ({"not": {}}, "where.not", "this one is empty"),
    ({"segment": "vip", "label": 3}, "where.label", "a label is words"),
    ({"event": "ordr"}, "where.event", "did you mean order?"),
    ({"event": "order", "where": {"categry": "Games"}}, "where.where.categry", "did you mean category?"),
    ({"event": "order", "where": {"quantity": "two"}}, "where.where.quantity", "takes a number"),
    ({"event": "order", "where": "Games"}, "where.where", "where takes a mapping"),
    ({"event": "order", "within_days": 10, "older_than_days": 10}, "where", "nothing is within the last 10 days"),
    ({"event": "order", "within_days": "ten"}, "where.within_days", "a whole number of days"),
    ({"event": "order", "unless_bought": "colour"}, "where.unless_bought", "product_id or category"),
    ({"event": "order", "at_least": 0}, "where.at_least", "leaves nobody out"),
    ({"event": "order", "below": 0}, "where.below", "fewer than no events"),
    ({"event": "order", "known": True}, "where.known", "always known"),
    (
        {"all": [{"trait": "order_count", "above": 5}, {"trait": "order_count", "at_most": 5}]},
        "where.all",
        "order_count: nothing is both over 5 and under 5",
    ),
    (
        {"all": [{"trait": "last_order_at", "within_days": 7}, {"trait": "last_order_at", "older_than_days": 30}]},
        "where.all",
        "nobody would be in it",
    ),
]


@pytest.mark.parametrize("rule", GOOD, ids=str)
def test_a_good_rule_has_no_problem(rule: Any, tmp_path: Path) -> None:
    assert problems(tmp_path, rule) == []


@pytest.mark.parametrize(("rule", "place", "words"), BAD, ids=[str(rule) for rule, _, _ in BAD])
def test_what_is_wrong_is_said_where_it_is(rule: Any, place: str, words: str, tmp_path: Path) -> None:
    found = problems(tmp_path, rule)
    assert [problem.path for problem in found] == [place]
    assert words in found[0].message
    assert found[0].line is not None
    assert found[0].line >= 8


def test_a_rule_that_never_ends_is_refused_without_falling_over(tmp_path: Path) -> None:
    rule: dict[str, Any] = {"segment": "vip"}
    for _ in range(60):
        rule = {"not": rule}
    assert ["nested more than" in problem.message for problem in problems(tmp_path, rule)] == [True]


def test_segments_that_need_each_other_are_one_problem(tmp_path: Path) -> None:
    files = [
        write(tmp_path, "one", {"segment": "two"}),
        write(tmp_path, "three", {"segment": "one"}),
        write(tmp_path, "two", {"all": [{"segment": "vip"}, {"not": {"segment": "three"}}]}),
    ]
    found = problems_of(files)
    assert [problem.file for problem in found] == ["one.yml"]
    assert "one → two → three → one" in found[0].message


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(list(WORDS.traits)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["all", "any", "not", "trait", "segment", "event", "where", "is", "between", "label"]),
            inner,
        )
    ),
    max_leaves=12,
)


@given(_anything)
def test_whatever_stands_there_is_judged_and_nothing_breaks(rule: Any) -> None:
    for path, message in RuleCheck(WORDS, frozenset(WORDS.segments), "fans").problems(rule):
        assert path[0] == "where"
        assert message
