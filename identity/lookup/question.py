"""The question that tells several possible customers apart best, of those that one may put to anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from identity.lookup.answer import Question


@dataclass(frozen=True)
class _Attribute:
    name: str
    column: str
    words: str
    letters: int | None = None

    def of(self, row: Mapping[str, Any]) -> str | None:
        value = row[self.column]
        return value[: self.letters] if value else None


# None of them opens an account or tells the person asked anything; the least private first, which wins ties. No
# e-mail, phone or day of birth: what identifies is for the person to say unasked.
_ATTRIBUTES: Final = (
    _Attribute("city", "city", "In which city do you live?"),
    _Attribute("birth_year", "birth_date", "In which year were you born?", 4),
    _Attribute("postcode", "postcode", "What is your postcode?"),
    _Attribute("given_name", "given", "What is your first name?"),
    _Attribute("family_name", "family", "What is your family name?"),
    _Attribute("house_number", "house_number", "What is the number of your house?"),
)
COLUMNS: Final = sorted({attribute.column for attribute in _ATTRIBUTES})
"""Columns of features that are read."""
# An answer that is expected to tell less is not worth a question.
_LEAST: Final = 0.1


def best_question(
    asked: Mapping[str, Any], customers: Sequence[Sequence[Mapping[str, Any]]], probabilities: Sequence[float]
) -> Question | None:
    """Choose by the information that the answer is expected to give (Shannon 1948) about which customer it is.

    Args:
        asked: features of the record (`COLUMNS`); what it says already is not asked again.
        customers: features of each candidate's records.
        probabilities: of the candidates.
    """
    shares = np.array(probabilities) / sum(probabilities) if len(customers) > 1 else np.empty(0)
    best: Question | None = None
    for attribute in _ATTRIBUTES:
        if len(customers) < 2 or attribute.of(asked) is not None:
            continue
        known = [_usual([attribute.of(row) for row in rows]) for rows in customers]
        told = _information(shares, known)
        if told >= _LEAST and (best is None or told > best.bits + 1e-9):
            answers = len({value for value in known if value is not None})
            best = Question(attribute.name, attribute.words, round(told, 2), answers)
    return best


def _usual(values: Sequence[str | None]) -> str | None:
    """The value that most records have; ties go to the first in the alphabet."""
    counts = Counter(value for value in values if value is not None)
    return min(counts, key=lambda value: (-counts[value], value)) if counts else None


def _information(shares: NDArray[np.float64], known: Sequence[str | None]) -> float:
    """Bits: a customer whose value is unknown may give any of the answers."""
    answers = sorted({value for value in known if value is not None})
    if len(answers) < 2:
        return 0.0
    gives = np.array([[1.0 / len(answers) if value is None else float(value == a) for value in known] for a in answers])
    joint = gives * shares
    return float(_entropy(shares) - sum(row.sum() * _entropy(row / row.sum()) for row in joint if row.sum() > 0))


def _entropy(shares: NDArray[np.float64]) -> float:
    some = shares[shares > 0]
    return float(-(some * np.log2(some)).sum())
