"""What a look-up says: which customer it is, which it may be, why, and what to ask when that is not clear."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """What one comparison says: bits for one person (negative: against), the mean over the customer's records."""

    comparison: str
    words: str
    bits: float


@dataclass(frozen=True)
class Candidate:
    """A customer that the record may belong to.

    `match_weight`: bits of the record and the customer as a whole; `match_probability`: that it is this customer rather
    than another candidate or nobody known; `records`: how many the customer has; `evidence`: the decisive facts, those
    that weigh most first; `contradicts`: something forbids that they be one person, whatever else agrees.
    """

    customer_id: str
    match_weight: float
    match_probability: float
    records: int
    evidence: tuple[Fact, ...]
    contradicts: bool


@dataclass(frozen=True)
class Question:
    """The one thing to ask that tells the possible customers apart best, and that gives nothing away.

    `bits`: how much the answer is expected to tell; `answers`: how many different ones the candidates would give.
    """

    attribute: str
    words: str
    bits: float
    answers: int


@dataclass(frozen=True)
class Answer:
    """Who it is.

    `customer_id`: null when it is nobody known, or could as well be somebody else; `joins`: the customers that a run
    would put the record with, the one with the most records first: several when it holds them together, and then they
    would become one; `candidates`: the likeliest first; `question`: null when it is clear, or when nothing that is
    known would tell.
    """

    customer_id: str | None
    joins: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    question: Question | None

    @property
    def is_sure(self) -> bool:
        """Whether it is one customer, and no other could as well be it."""
        return self.customer_id is not None
