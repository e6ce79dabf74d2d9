"""The shapes of the API's answers, with examples; they are the contract that the OpenAPI document shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

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


class Profile(BaseModel):
    """One golden profile, as of the last publication."""

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
    consents: list[Consent]
    persona: Persona | None = None
    segments: list[str] = Field(examples=[["vip", "omnichannel_shoppers"]])
    metrics: dict[str, Any] = Field(
        description="columns of marts.customer_metrics", examples=[{"order_count": 4, "lifetime_value": 321.5}]
    )
    open_ticket_count: int = Field(examples=[1])
    link_strength: float = Field(description="0 to 1: how surely the records are one person", examples=[0.997])
    record_count: int | None = Field(None, examples=[3])
    sources: list[str] = Field(examples=[["salesforce", "shopify", "zendesk"]])
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    conversations: list[Conversation] = Field(default=[], description="the latest, newest first")
    attributes: dict[str, Attribute] = Field(default={}, description="where each value is from")
    records: list[SourceRecord] | None = None
    former_customer_ids: list[str] = Field(description="ids that were merged into this one")


class Candidate(BaseModel):
    """One of several customers that share an identifier; enough to ask which, not enough to answer as one."""

    customer_id: str = Field(examples=["cus_01J9ZK3V8Q"])
    full_name: str | None = Field(None, examples=["Ada Lovelace"])
    sources: list[str] = Field(examples=[["shopify"]])
    last_seen_at: datetime | None = None


class Lookup(BaseModel):
    """The answer to a lookup: one profile, or the candidates when the identifier points at several customers."""

    outcome: Literal["found", "several"]
    profile: Profile | None = None
    candidates: list[Candidate] = Field(default=[], description="at most 20")


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
    reason: Any = None


class Members(BaseModel):
    """A page of the members of a segment, in order of customer id; consent is not applied here."""

    segment: str
    items: list[Member]
    next_cursor: str | None = None


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Profiles are published and can be read."""

    status: Literal["ready"] = "ready"
    run_id: str
    as_of: datetime
    published_at: datetime
