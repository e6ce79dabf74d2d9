"""Why records are one customer: what holds them together, where they would fall apart, who came near."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from activation.api.models.profile import SourceRecord


class Comparison(BaseModel):
    """One thing that was compared between two records."""

    comparison: str = Field(examples=["email"])
    words: str = Field(examples=["the same e-mail address"])
    bits: float = Field(description="+1 doubles the odds that they are one person, -1 halves them", examples=[12.4])


class Edge(BaseModel):
    """Two records of the customer and what speaks for their being one person."""

    record_a: str = Field(examples=["shopify:customer:7012345678901"])
    record_b: str = Field(examples=["zendesk:user:361"])
    bits: float = Field(description="for one person, everything counted", examples=[18.2])
    probability: float = Field(examples=[0.99999])
    because: list[Comparison] = Field(default=[], description="the loudest first")
    in_cut: bool = Field(description="without the edges in the cut, the customer falls apart")
    is_bridge: bool = Field(description="the only tie between two parts")


class Cut(BaseModel):
    """The edges of least strength together without which the records are no longer one piece."""

    bits: float = Field(description="of all its edges together", examples=[9.1])
    edges: list[Edge] = Field(description="empty: no single pair ties the two sides, they belong together as groups")
    side: list[str] = Field(description="the records that would come off")


class Judgement(BaseModel):
    """What a person decided about two records; it always beats the model."""

    record_a: str
    record_b: str
    verdict: Literal["same", "different"]
    judged_by: str
    judged_at: datetime
    reason: str | None = None


class Nearest(BaseModel):
    """A customer that came near and was not merged."""

    customer_id: str
    record: str = Field(description="our record of the pair that came nearest")
    other_record: str
    bits: float = Field(examples=[3.1])
    probability: float
    because: list[Comparison] = Field(default=[], description="what speaks for and against that pair")
    kept_apart_by: list[str] = Field(
        description="in words, what keeps the two apart", examples=[["too little evidence: 3.1 bits, 11.0 are needed"]]
    )


class Why(BaseModel):
    """How the records of a customer hold together, as of the last publication."""

    customer_id: str
    records: list[SourceRecord]
    edges: list[Edge] = Field(description="between its records, the strongest first, at most 200")
    edge_count: int
    weakest_link: Edge | None = Field(None, description="the tie that gives way first; null for a record alone")
    cut: Cut | None = Field(None, description="null for a record alone, or too many records to say")
    judgements: list[Judgement] = Field(default=[])
    nearest: list[Nearest] = Field(default=[], description="the nearest customers that were not merged, at most 3")
