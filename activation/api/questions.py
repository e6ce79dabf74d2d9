"""The one question that best tells candidates apart, and what an answer to it leaves of them.

A question is asked openly, of somebody who may be an impostor: it offers no answers, and what may be asked is not
sensitive. Nothing that opens an account elsewhere or is printed on a parcel is in it (a whole birth date, a street, an
amount, a loyalty number); names are not, for the agent sees them and callers say them unasked. What a candidate would
answer is for stewards alone.
"""

from __future__ import annotations

import calendar
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from anyascii import anyascii

Known = Mapping[str, str]
"""What may be asked of one candidate, by `question_id`, as published."""

_MONTHS: Final = {
    word.casefold(): f"{number:02}"
    for names in (calendar.month_name, calendar.month_abbr)
    for number, word in enumerate(names)
    if word
}
_LEAST_PART: Final = 4  # letters of a word that may stand for a longer answer
_LEAST_BITS: Final = 0.01


@dataclass(frozen=True)
class Attribute:
    """Something that may be asked.

    Attributes:
        question_id: its name.
        ask: the question in words.
        answer_as: how an answer is handed back.
        recall: 0 to 1, how likely people are to know it of themselves; our own estimate, for want of a study.
        read: an answer, or a value that is known, in comparable form; None when it is none.
        in_part: whether a part of the answer is one ("kitchen" for "Kitchen and dining").
    """

    question_id: str
    ask: str
    answer_as: str
    recall: float
    read: Callable[[str], str | None]
    in_part: bool = False

    def agrees(self, known: str, answer: str) -> bool:
        """Whether an answer agrees with what is known, both as `read` wrote them."""
        if known == answer:
            return True
        short, long = sorted((known, answer), key=len)
        return self.in_part and len(short) >= _LEAST_PART and short in long


def read_month(text: str) -> str | None:
    """A month as two digits, from its number or English name, alone or in a date without numbers for the month."""
    if text.strip().isascii() and text.strip().isdigit():
        return f"{int(text):02}" if len(text.strip()) <= 2 and 1 <= int(text) <= 12 else None
    found = {_MONTHS[word] for word in re.findall(r"[a-z]+", text.casefold()) if word in _MONTHS}
    return found.pop() if len(found) == 1 else None


def read_year(text: str) -> str | None:
    """A year of four digits."""
    found = re.fullmatch(r"\s*((?:19|20)\d\d)\s*", text, re.ASCII)
    return found[1] if found else None


def read_month_of_year(text: str) -> str | None:
    """A month of a year as `2026-05`, from `2026-05`, `05/2026` or `May 2026`."""
    year = re.search(r"(?<!\d)((?:19|20)\d\d)(?!\d)", text, re.ASCII)
    if year is None:
        return None
    month = read_month(re.sub(r"[-/.]", " ", text.replace(year[1], " ", 1)).strip())
    return f"{year[1]}-{month}" if month else None


def read_words(text: str) -> str | None:
    """Words without case, accents and punctuation."""
    return " ".join(re.findall(r"[a-z0-9]+", anyascii(text).lower())) or None


ATTRIBUTES: Final = (
    Attribute(
        "birth_month",
        "In which month were you born?",
        "a month by name or number, such as May or 5",
        1.0,
        read_month,
    ),
    Attribute("city", "Which town or city do you live in?", "the name of a town", 0.95, read_words),
    Attribute(
        "last_store",
        "Which of our shops did you last buy something in?",
        "the name of the shop, or a word of it",
        0.8,
        read_words,
        in_part=True,
    ),
    Attribute(
        "last_category",
        "What kind of product did you last buy from us?",
        "a kind of product in a word or two, such as footwear",
        0.8,
        read_words,
        in_part=True,
    ),
    Attribute(
        "last_order_month",
        "When did you last order something from us: which month of which year?",
        "a month of a year, such as May 2026 or 2026-05",
        0.7,
        read_month_of_year,
    ),
    Attribute("first_order_year", "In which year did you first buy from us?", "a year, such as 2019", 0.6, read_year),
)
"""Everything that may be asked, the easiest to answer first; the names are those of `activation.profiles.telling`."""


@cache
def attribute(question_id: str) -> Attribute | None:
    """The attribute of this name."""
    return next((one for one in ATTRIBUTES if one.question_id == question_id), None)


def value_of(known: Known, asked: Attribute) -> str | None:
    """What a candidate would answer, in comparable form; None when that is not known."""
    value = known.get(asked.question_id)
    return asked.read(value) if value else None


def bits_of(asked: Attribute, candidates: Sequence[Known]) -> float:
    """How much an answer tells of who of equally likely candidates is asking, in bits.

    A true answer leaves those who would answer so and those of whom it is not known; the answer of one of whom it is
    not known leaves those alone. That is log2(all / left) bits, on the average over the candidates.
    """
    values = Counter(value for known in candidates if (value := value_of(known, asked)) is not None)
    everyone = len(candidates)
    unknown = everyone - values.total()
    left = [(count, count + unknown) for count in values.values()] + ([(unknown, unknown)] if unknown else [])
    return sum(count / everyone * math.log2(everyone / rest) for count, rest in left)


def best_question(candidates: Sequence[Known], asked_already: Collection[str] = ()) -> tuple[Attribute, float] | None:
    """What to ask for next and its bits; more bits, weighted by how likely people know it, win. None: nothing helps."""
    told = [(bits_of(one, candidates), one) for one in ATTRIBUTES if one.question_id not in asked_already]
    bits, best = max(told, key=lambda pair: pair[0] * pair[1].recall, default=(0.0, ATTRIBUTES[0]))
    return (best, bits) if bits > _LEAST_BITS else None
