"""Segments, their members, and why somebody is one."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class Segment(BaseModel):
    """A named set of customers."""

    segment: str = Field(examples=["vip"])
    label: str | None = None
    description: str | None = None
    purpose: str = Field(description="marketing, service or suppression", examples=["marketing"])
    destinations: list[str] = Field(examples=[["zendesk", "file_drop"]])
    minimum_link_strength: float
    size: int


class Segments(BaseModel):
    """Every segment."""

    items: list[Segment]


class Member(BaseModel):
    """A customer in a segment, and why."""

    customer_id: str
    reason: Any = Field(None, description="the values that the conditions saw")


class Members(BaseModel):
    """A page of the members of a segment, in order of customer id; consent is not applied here."""

    segment: str
    items: list[Member]
    next_cursor: str | None = Field(None, description="give it as `cursor` for the next page; null on the last")


class Condition(BaseModel):
    """One condition of a segment, for one customer."""

    path: str = Field(description="where it stands: 1.2 is the second part of 1", examples=["1.2"])
    depth: int
    kind: str = Field(description="all, any, not, trait, segment, event or hold_back", examples=["trait"])
    label: str = Field(description="in words", examples=["number of orders: at least 3"])
    holds: bool
    seen: Any = Field(None, description="the value of this customer; null for all, any and not, or not known")


class SegmentExplanation(BaseModel):
    """Why a customer is in a segment, or is not."""

    segment: str
    customer_id: str
    is_member: bool = Field(description="as published")
    rule_holds: bool = Field(description="the rule itself, whoever is held back from promotions")
    failing: list[str] = Field(description="what would have to be otherwise for the customer to be in, in words")
    conditions: list[Condition] = Field(description="parents before children")
