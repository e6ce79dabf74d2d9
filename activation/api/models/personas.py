"""Personas, and the one that a customer is."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class PersonaCard(BaseModel):
    """What there is to know of a kind of customer, on one card."""

    persona: str = Field(examples=["loyalist"])
    label: str | None = Field(None, examples=["Loyalist"])
    description: str | None = None
    customer_count: int | None = Field(None, examples=[214])
    share: float | None = Field(None, description="of all customers, 0 to 1", examples=[0.12])
    revenue: float | None = None
    value_share: float | None = Field(None, description="of the lifetime value of all, 0 to 1")
    average_value: float | None = None
    channels: list[dict[str, Any]] = Field(default=[], examples=[[{"name": "web", "share": 0.61}]])
    needs: list[dict[str, Any]] = Field(default=[], examples=[[{"name": "delivery", "share": 0.4}]])
    journey: list[str] = Field(default=[], description="the most usual order of channels")
    journey_share: float | None = None
    categories: list[str] = Field(default=[])
    reachable_share: float | None = Field(None, description="who may be contacted for marketing at all, 0 to 1")


class Personas(BaseModel):
    """Every persona, the largest first."""

    items: list[PersonaCard]


class CustomerPersona(BaseModel):
    """The kind of customer that one is, and why."""

    customer_id: str
    persona: str | None = Field(None, description="null: too little is known", examples=["loyalist"])
    label: str | None = None
    description: str | None = None
    reason: Any = Field(None, description="score, the traits that made it, and the runner-up")
