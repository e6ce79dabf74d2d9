"""The canonical fields that a mapping may fill, and what shape each has."""

from __future__ import annotations

from typing import Final

from identity.contract import IDENTITY_RECORDS, TEXTS

_NOT_WRITTEN: Final = {"record_id", "source", "entity", "native_id", "mentions"}
CONSENTS: Final = ("email_marketing_consent", "sms_marketing_consent")
_LOYALTY: Final = ("loyalty_number", "loyalty_tier", "loyalty_points", "member_since")
LISTS: Final = tuple(field.name for field in IDENTITY_RECORDS if field.type == TEXTS and field.name not in _NOT_WRITTEN)
"""Fields of several values."""
PEOPLE_FIELDS: Final = (
    *(field.name for field in IDENTITY_RECORDS if field.name not in _NOT_WRITTEN),
    *_LOYALTY,
    *CONSENTS,
)
NAMING_FIELDS: Final = ("full_name", "emails", "phones", "handles", "external_ids")
"""What a row of interactions may tell about its person."""
INTERACTION_FIELDS: Final = (
    "occurred_at",
    "channel",
    "kind",
    "direction",
    "subject",
    "body",
    "thread_id",
    "reference_id",
    "amount",
    "currency",
    "quantity",
    "product_id",
    "product_title",
    "category",
    "sentiment",
    "rating",
    "rating_scale",
    "team",
    "agent",
    "topic",
    "status",
    "first_reply_at",
    "closed_at",
    "wait_seconds",
    "handle_seconds",
    "outcome",
    "session_id",
    "url",
    "campaign",
    "utm_source",
    "utm_medium",
    *NAMING_FIELDS,
)
DATES: Final = ("birth_date", "member_since")
MOMENTS: Final = ("created_at", "updated_at", "occurred_at", "first_reply_at", "closed_at")
EPOCHS: Final = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
"""Formats of a moment that is a number: microseconds in one of its units."""
PREFIXED: Final = {
    "handles": "platform, such as instagram",
    "external_ids": "source and entity, such as shopify:customer",
}
"""Fields whose values carry a prefix, and what it is."""


def fields_of(kind: str) -> tuple[str, ...]:
    """The fields of people or of interactions."""
    return PEOPLE_FIELDS if kind == "people" else INTERACTION_FIELDS
