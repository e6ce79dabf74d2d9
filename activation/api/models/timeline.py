"""The touchpoints of a customer."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field


class Interaction(BaseModel):
    """One touchpoint."""

    interaction_id: str = Field(examples=["shopify:order:450789469"])
    record_id: str | None = None
    occurred_at: datetime
    channel: str | None = Field(None, examples=["web"])
    kind: str | None = Field(None, examples=["order"])
    direction: str | None = Field(None, examples=["inbound"])
    subject: str | None = Field(None, examples=["Order #1001"])
    amount: float | None = Field(None, examples=[59.9])
    currency: str | None = Field(None, examples=["EUR"])
    source: str | None = Field(None, examples=["shopify"])
    reference_id: str | None = None
    body: str | None = Field(None, description="what was said, in full", examples=["Where is my order?"])
    sentiment: float | None = Field(None, description="-1 to 1", examples=[-0.6])
    rating: float | None = Field(None, description="0 to 1, whatever the scale", examples=[0.75])
    order_id: str | None = Field(None, description="the order that it is about")
    conversation_id: str | None = Field(None, description="the thread, across channels, that it is part of")
    campaign: str | None = Field(None, description="the campaign that brought the customer", examples=["ig_new_shoes"])


class Timeline(BaseModel):
    """A page of a customer's touchpoints, the latest first."""

    customer_id: str
    items: list[Interaction]
    next_cursor: str | None = Field(None, description="give it as `cursor` for the next page; null on the last")
