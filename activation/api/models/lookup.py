"""The answer to a lookup: one profile, or candidates and the question that tells them apart."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from activation.api.models.profile import AgentProfile


class Candidate(BaseModel):
    """One of several customers that share an identifier; enough to ask which, not enough to answer as one."""

    customer_id: str = Field(examples=["cus_01J9ZK3V8Q"])
    full_name: str | None = Field(None, description="not for marketing", examples=["Ada Lovelace"])
    sources: list[str] = Field(examples=[["shopify"]])
    last_seen_at: datetime | None = None
    agrees_with: list[str] = Field(
        default=[],
        description="answers that agree with what is known; of the other answers nothing is known here",
        examples=[["birth_month"]],
    )
    expected: str | None = Field(
        None, description="what this candidate would answer; only for stewards, never for who talks to the caller"
    )


class Question(BaseModel):
    """The one question that best tells the candidates apart; to be asked openly, without offering answers."""

    question_id: str = Field(examples=["birth_month"])
    ask: str = Field(examples=["In which month were you born?"])
    answer_as: str = Field(
        description="how to hand the answer back", examples=["a month by name or number, such as May or 5"]
    )
    bits: float = Field(description="how much an answer tells, in bits; 1 halves the candidates", examples=[1.0])


class AskedId(BaseModel):
    """What became of the customer id that was asked for."""

    customer_id: str = Field(examples=["cus_01J9ZK3V8Q"])
    status: Literal["living", "redirected", "retired"] = Field(
        description="redirected: merged into the customer that is answered; retired: every record went elsewhere"
    )
    siblings: list[str] = Field(
        default=[], description="other living customers that records of this id have gone to by splits and moves"
    )


class Lookup(BaseModel):
    """One customer, several candidates, or nobody who gives these answers."""

    outcome: Literal["found", "several", "nobody"] = Field(
        description="found: `profile` is the customer; several: `candidates`, never a guess; nobody: none of the "
        "customers behind the identifier would answer so"
    )
    profile: AgentProfile | None = None
    candidates: list[Candidate] = Field(default=[], description="the latest seen first, at most 20")
    candidate_count: int = Field(default=0, description="how many there are; counted up to 1000")
    question: Question | None = Field(
        None, description="null when nothing that may be asked tells them apart, and for marketing"
    )
    asked: AskedId | None = Field(None, description="when a customer id was asked for that has a history")
