"""Several customers behind one identifier: who is left after some answers, and what to ask next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.exceptions import HTTPException

from activation.api.questions import Attribute, Known, attribute, best_question, value_of

MOST_CONSIDERED: Final = 1000
"""Customers behind one identifier that are looked at; what more people share is nobody's: a shop's own number."""

MOST_SHOWN: Final = 20


@dataclass(frozen=True)
class Asked:
    """A question and the answer that was given to it, in comparable form."""

    attribute: Attribute
    answer: str


@dataclass(frozen=True)
class Contender:
    """A customer who may be the one, and which answers agree with what is known; of the others nothing is known."""

    row: Mapping[str, Any]
    agrees_with: tuple[str, ...] = ()

    @property
    def known(self) -> Known:
        """What may be asked of this customer."""
        telling: Known = self.row["telling"] or {}
        return telling


def narrow(rows: Sequence[Mapping[str, Any]], answers: Sequence[str]) -> tuple[list[Contender], list[Asked]]:
    """Who is left after the answers, and which questions they were answers to.

    An answer is `<question_id>:<words>`; without the name of a question it is to the one that would be asked next.

    Args:
        rows: the candidates: at least `telling`.
        answers: in the order in which they were given.

    Raises:
        HTTPException: 422 if an answer fits no question.
    """
    left = [Contender(row) for row in rows]
    asked: list[Asked] = []
    for given in answers:
        one = _asked(given, left, [before.attribute.question_id for before in asked])
        asked.append(one)
        left = [judged for contender in left if (judged := _judged(contender, one)) is not None]
    return left, asked


def next_question(left: Sequence[Contender], asked: Sequence[Asked]) -> tuple[Attribute, float] | None:
    """The question that best tells those apart who are left, and its bits; None when none does, or one is left."""
    if len(left) < 2:
        return None
    return best_question([one.known for one in left], [before.attribute.question_id for before in asked])


def shown(left: Sequence[Contender], question: Attribute | None, *, expected: bool) -> list[dict[str, Any]]:
    """The candidates as they are answered: those with whom most answers agree first, then the latest seen.

    Args:
        left: who is left.
        question: the question to ask next.
        expected: whether the caller may see what each would answer to it.
    """
    latest = sorted(left, key=lambda one: one.row["customer_id"])
    latest.sort(key=lambda one: _moment(one.row["last_seen_at"]), reverse=True)
    latest.sort(key=lambda one: len(one.agrees_with), reverse=True)
    return [
        {
            "customer_id": one.row["customer_id"],
            "full_name": one.row["full_name"],
            "sources": one.row["sources"] or [],
            "last_seen_at": one.row["last_seen_at"],
            "agrees_with": list(one.agrees_with),
            "expected": one.known.get(question.question_id) if expected and question else None,
        }
        for one in latest[:MOST_SHOWN]
    ]


def _moment(written: str | None) -> float:
    return datetime.fromisoformat(written).timestamp() if written else float("-inf")


def _asked(given: str, left: Sequence[Contender], before: Sequence[str]) -> Asked:
    name, colon, words = given.partition(":")
    named = attribute(name.strip()) if colon else None
    if named is None:
        found = best_question([one.known for one in left], before)
        if found is None:
            raise HTTPException(422, "nothing more is asked here; write an answer as <question_id>:<answer>")
        named, words = found[0], given
    if named.question_id in before:
        raise HTTPException(422, f"{named.question_id} is answered twice; give each question one answer")
    answer = named.read(words)
    if answer is None:
        raise HTTPException(422, f"the answer to {named.question_id} is {named.answer_as}")
    return Asked(named, answer)


def _judged(contender: Contender, asked: Asked) -> Contender | None:
    value = value_of(contender.known, asked.attribute)
    if value is None:
        return contender
    if not asked.attribute.agrees(value, asked.answer):
        return None
    return Contender(contender.row, (*contender.agrees_with, asked.attribute.question_id))
