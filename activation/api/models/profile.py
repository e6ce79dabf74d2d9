"""The golden profile, whole and as an agent needs it at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field


class Name(BaseModel):
    """A name as the golden profile has it."""

    full: str | None = Field(None, examples=["Ada Lovelace"])
    given: str | None = Field(None, examples=["Ada"])
    family: str | None = Field(None, examples=["Lovelace"])


class PrimaryContactPoints(BaseModel):
    """The best of each kind of contact point."""

    email: str | None = Field(None, examples=["ada@lovelace.org"])
    phone: str | None = Field(None, description="E.164", examples=["+12025550123"])
    instagram: str | None = Field(None, examples=["ada.l"])
    x: str | None = Field(None, examples=["ada"])


class Address(BaseModel):
    """A postal address."""

    street: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    since: datetime | None = Field(None, description="when a record first had this address")
    previous_city: str | None = Field(None, description="where the customer lived before, when a record says so")


class ContactPoint(BaseModel):
    """One e-mail, phone or handle, and the records that say so."""

    kind: str = Field(examples=["email"])
    value: str = Field(examples=["ada@lovelace.org"])
    type: str | None = Field(None, description="personal, household, business or unreachable", examples=["personal"])
    unreachable_reason: str | None = Field(None, examples=["undeliverable"])
    is_primary: bool | None = None
    is_verified: bool | None = None
    record_ids: list[str] | None = Field(None, examples=[["shopify:customer:7012345678901"]])
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None


class Consent(BaseModel):
    """What the customer agreed to, per channel and purpose."""

    channel: str = Field(examples=["email"])
    purpose: str = Field(examples=["marketing"])
    state: str = Field(description="granted, denied or unknown", examples=["granted"])
    basis: str | None = Field(None, description="stated by a record, or the default", examples=["stated"])
    evidence: Any = Field(None, description="what each record says, in its own words")


class Loyalty(BaseModel):
    """What the loyalty programme knows."""

    number: str | None = Field(None, examples=["BR100234"])
    tier: str | None = Field(None, examples=["gold"])
    points: float | None = Field(None, examples=[1250])
    member_since: str | None = Field(None, examples=["2016-05-04"])


class Household(BaseModel):
    """Other customers who share an address, an e-mail or a phone: people of their own."""

    household_id: str
    bonds: list[str] = Field(examples=[["address", "phone"]])
    other_customer_ids: list[str]


class Conversation(BaseModel):
    """One thread of contact, whatever channels it went through."""

    conversation_id: str
    started_at: datetime
    ended_at: datetime
    channels: list[str] = Field(examples=[["instagram", "chat", "phone"]])
    topic: str | None = None
    order_ids: list[str] | None = None
    last_direction: str | None = Field(None, examples=["inbound"])
    has_open_case: bool | None = None


class Attribute(BaseModel):
    """A value of the golden profile, and where it is from."""

    value: str
    record_id: str = Field(examples=["shopify:customer:7012345678901"])
    source: str = Field(examples=["shopify"])
    observed_at: datetime | None = None
    rule: str = Field(examples=["most_recent"])
    is_verified: bool | None = None
    alternatives: Any = Field(None, description="what lost, and why")


class SourceRecord(BaseModel):
    """One record of the customer in one system."""

    record_id: str = Field(examples=["zendesk:user:361"])
    source: str = Field(examples=["zendesk"])
    entity: str = Field(examples=["user"])
    link_strength: float | None = None
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None


class Persona(BaseModel):
    """The kind of customer, and why."""

    name: str = Field(examples=["loyalist"])
    reason: Any = None


class OpenCase(BaseModel):
    """A ticket that is not solved."""

    case_id: str = Field(examples=["zendesk:ticket:35436"])
    source: str | None = Field(None, examples=["zendesk"])
    channel: str | None = Field(None, examples=["email"])
    team: str | None = Field(None, examples=["Orders"])
    topic: str | None = Field(None, examples=["delivery"])
    subject: str | None = Field(None, examples=["Where is my order #1001?"])
    status: str | None = Field(None, examples=["open"])
    order_id: str | None = Field(None, description="the order that it is about")
    opened_at: datetime | None = None
    first_reply_at: datetime | None = Field(None, description="null: nobody has answered yet")
    is_overdue: bool | None = None
    conversation_id: str | None = None


class OpenOrder(BaseModel):
    """An order of the last 90 days that has not reached the customer, as far as the shop knows."""

    order_id: str = Field(examples=["450789469"])
    order_name: str | None = Field(None, description="the number that the customer knows", examples=["#1001"])
    ordered_at: datetime | None = None
    channel: str | None = Field(None, examples=["web"])
    bought_through: str | None = Field(None, examples=["online"])
    total_amount: float | None = Field(None, examples=[59.9])
    currency: str | None = Field(None, examples=["EUR"])
    financial_status: str | None = Field(None, description="in the shop's own words", examples=["PAID"])
    fulfilment_status: str | None = Field(None, description="in the shop's own words", examples=["UNFULFILLED"])


class Glimpse(BaseModel):
    """A touchpoint in short; the timeline has the whole of it."""

    interaction_id: str = Field(examples=["zendesk:comment:7782"])
    occurred_at: datetime
    channel: str | None = Field(None, examples=["chat"])
    kind: str | None = Field(None, examples=["message"])
    direction: str | None = Field(None, examples=["inbound"])
    subject: str | None = None
    excerpt: str | None = Field(None, description="the first 280 characters of what was said")
    order_id: str | None = None
    sentiment: float | None = Field(None, description="-1 to 1", examples=[-0.6])
    rating: float | None = Field(None, description="0 to 1, whatever the scale", examples=[0.25])


class AgentProfile(BaseModel):
    """What an agent needs at once; where each value is from, and the records, are in the whole profile."""

    customer_id: str = Field(examples=["cus_01J9ZK3V8Q"])
    name: Name
    primary: PrimaryContactPoints
    address: Address
    language: str | None = None
    birth_date: str | None = Field(None, examples=["1990-05-17"])
    birth_place: str | None = None
    occupation: str | None = None
    organisation: str | None = None
    loyalty: Loyalty | None = None
    household: Household | None = None
    contact_points: list[ContactPoint]
    consents: list[Consent] = Field(description="evidence only in the whole profile")
    persona: Persona | None = None
    segments: list[str] = Field(examples=[["vip", "omnichannel_shoppers"]])
    metrics: dict[str, Any] = Field(
        description="columns of marts.customer_metrics", examples=[{"order_count": 4, "lifetime_value": 321.5}]
    )
    open_ticket_count: int = Field(examples=[1])
    open_cases: list[OpenCase] = Field(default=[], description="tickets that wait, the latest first, at most 10")
    open_orders: list[OpenOrder] = Field(default=[], description="orders on their way, the latest first, at most 10")
    complaints: list[Glimpse] = Field(
        default=[], description="bad ratings and angry messages of the last 90 days, the latest first, at most 3"
    )
    last_interactions: list[Glimpse] = Field(
        default=[], description="contacts, orders and returns, the latest first, at most 5; no page views"
    )
    conversations: list[Conversation] = Field(default=[], description="the latest, newest first, at most 5")
    link_strength: float = Field(description="0 to 1: how surely the records are one person", examples=[0.997])
    record_count: int | None = Field(None, examples=[3])
    sources: list[str] = Field(examples=[["salesforce", "shopify", "zendesk"]])
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    former_customer_ids: list[str] = Field(description="ids that were merged into this one")
    sibling_customer_ids: list[str] = Field(default=[], description="ids that were split off from this one")


class Profile(AgentProfile):
    """One golden profile, as of the last publication."""

    attributes: dict[str, Attribute] = Field(default={}, description="where each value is from")
    records: list[SourceRecord] | None = Field(None, description="the source records behind it")
