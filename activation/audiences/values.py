"""Whether the value of an operator is one, and which values of the same trait can never be seen together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from activation.audiences.located_yaml import is_date

_LONGEST_DAYS: Final = 36_500
_DAYS: Final = ("within_days", "older_than_days", "anniversary_within_days")


def value_problem(kind: str, operator: str, value: object) -> str | None:
    """What the operator takes, when `value` is not that; None when it is.

    Args:
        kind: the class of the trait's type (`vocabulary.Column.kind`).
        operator: one that suits it.
        value: as the YAML has it.
    """
    if operator == "known" or kind == "boolean":
        return None if isinstance(value, bool) else "true or false"
    if operator == "anniversary_this_month":
        return None if value is True else "true"
    if operator in _DAYS:
        return _days_problem(operator, value)
    if operator in ("before", "after"):
        return None if isinstance(value, str) and is_date(value) else "a day of the calendar, such as 2026-01-31"
    if operator == "between":
        two = isinstance(value, list) and len(value) == 2 and all(map(_is_number, value))
        return None if two and value[0] <= value[1] else "two numbers, the smaller first: [2, 5]"  # type: ignore[index]
    if operator in ("in", "not_in"):
        fits = _is_number if kind == "number" else _is_word
        wanted = "a list of numbers: [1, 2]" if kind == "number" else "a list of words: [one, other]"
        return None if isinstance(value, list) and value and all(map(fits, value)) else wanted
    if kind == "number":
        return None if _is_number(value) else "a number"
    if operator in ("includes", "excludes"):
        words = value if isinstance(value, list) else [value]
        return None if words and all(map(_is_word, words)) else "a word, or a list of words of which any counts"
    return None if _is_word(value) else "a word, in quotes if it looks like a number or like yes and no"


def _days_problem(operator: str, value: object) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        return "a whole number of days, 0 or more"
    if operator == "anniversary_within_days" and value > 366:
        return "at most 366 days: every anniversary comes within a year"
    return None if value <= _LONGEST_DAYS else f"at most {_LONGEST_DAYS:,} days, which is a hundred years"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def contradiction(conditions: list[Mapping[str, Any]]) -> str | None:
    """Why conditions of one trait, which must all hold, never do; None when they may.

    Looks at bounds of numbers and at windows of days; the values have been judged by `value_problem` before.
    """
    lowest, highest = -math.inf, math.inf
    oldest, newest = math.inf, -math.inf
    for condition in conditions:
        lowest = max([lowest, *_bounds(condition, "at_least", "above", 0)])
        highest = min([highest, *_bounds(condition, "at_most", "below", 1)])
        oldest = min([oldest, *_numbers(condition.get("within_days"))])
        newest = max([newest, *_numbers(condition.get("older_than_days"))])
    if lowest > highest or (
        lowest == highest and any({"above", "below"} & condition.keys() for condition in conditions)
    ):
        return f"nothing is both over {lowest:g} and under {highest:g}"
    if newest >= oldest:
        return f"nothing is within the last {oldest:g} days and more than {newest:g} days ago"
    return None


def _bounds(condition: Mapping[str, Any], edge: str, beyond: str, place: int) -> list[float]:
    found = [*_numbers(condition.get(edge)), *_numbers(condition.get(beyond)), *_numbers(condition.get("is"))]
    between = condition.get("between")
    return [*found, *_numbers(between[place])] if isinstance(between, list) and len(between) == 2 else found


def _numbers(value: object) -> list[float]:
    return [float(value)] if isinstance(value, int | float) and not isinstance(value, bool) else []
