"""What a caller sees of a person: whole for support, steward and admin; for marketing without who and how to reach.

Masking keeps what it knows to be harmless and drops the rest, so a field that is new is hidden until it is named here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from activation.access.scopes import Scope

MASK: Final = "•••"
_SHORTEST_PHONE: Final = 7

_SEEING: Final = frozenset({Scope.SUPPORT, Scope.STEWARD, Scope.ADMIN})

_KEPT: Final = frozenset(
    {
        "customer_id",
        "language",
        "persona",
        "segments",
        "metrics",
        "open_ticket_count",
        "link_strength",
        "record_count",
        "sources",
        "first_seen_at",
        "last_seen_at",
        "former_customer_ids",
        "household",
    }
)
_KEPT_OF_ADDRESS: Final = frozenset({"city", "region", "country", "since"})
_KEPT_OF_CONTACT_POINT: Final = frozenset(
    {"kind", "type", "unreachable_reason", "is_primary", "is_verified", "first_seen_at", "last_seen_at"}
)
_KEPT_OF_CONSENT: Final = frozenset({"channel", "purpose", "state", "basis"})
_KEPT_OF_LOYALTY: Final = frozenset({"tier", "points", "member_since"})
_KEPT_OF_CONVERSATION: Final = frozenset(
    {"conversation_id", "started_at", "ended_at", "channels", "topic", "order_ids", "last_direction", "has_open_case"}
)
_KEPT_OF_ATTRIBUTE: Final = frozenset({"source", "observed_at", "rule", "is_verified"})
_KEPT_ATTRIBUTE_VALUES: Final = frozenset({"city", "region", "country", "language", "loyalty_tier", "loyalty_points"})
_KEPT_OF_RECORD: Final = frozenset({"source", "entity", "link_strength", "first_seen_at", "last_seen_at"})
_KEPT_OF_INTERACTION: Final = frozenset(
    {
        "interaction_id",
        "occurred_at",
        "channel",
        "kind",
        "direction",
        "amount",
        "currency",
        "source",
        "sentiment",
        "rating",
        "order_id",
        "conversation_id",
        "campaign",
    }
)


def sees_people(scopes: frozenset[Scope]) -> bool:
    """Whether documents go out as they are; then there is no need to read them."""
    return not _SEEING.isdisjoint(scopes)


def mask_value(value: str | None) -> str | None:
    """A contact point or a name, with its shape and without its content.

    `ada@lovelace.org` becomes `a•••@•••.org`, `+12025550123` `+•••23`, `Ada` `A•••`.
    """
    if not value:
        return value
    if "@" in value.strip("@"):
        domain = value.rpartition("@")[2]
        dot, suffix = domain.rpartition(".")[1:]
        return f"{value[0]}{MASK}@{MASK}{dot + suffix if dot else ''}"
    if value.startswith("+") and len(value) > _SHORTEST_PHONE:
        return f"+{MASK}{value[-2:]}"
    return f"{value[0]}{MASK}"


def mask_record_id(record_id: str | None) -> str | None:
    """A record id without the source's own id, which may be an e-mail address: `zendesk:user:•••`."""
    return ":".join([*record_id.split(":")[:2], MASK]) if record_id else record_id


def mask_profile(document: Mapping[str, Any], scopes: frozenset[Scope]) -> dict[str, Any]:
    """A profile document as a caller with these scopes may see it."""
    if sees_people(scopes):
        return dict(document)
    masked = {name: value for name, value in document.items() if name in _KEPT}
    masked["name"] = _masked_values(document.get("name"))
    masked["primary"] = _masked_values(document.get("primary"))
    masked["address"] = _only(document.get("address"), _KEPT_OF_ADDRESS)
    masked["loyalty"] = _only(document["loyalty"], _KEPT_OF_LOYALTY) if document.get("loyalty") else None
    masked["contact_points"] = [
        {**_only(point, _KEPT_OF_CONTACT_POINT), "value": mask_value(point.get("value"))}
        for point in document.get("contact_points") or ()
    ]
    masked["consents"] = [_only(consent, _KEPT_OF_CONSENT) for consent in document.get("consents") or ()]
    masked["conversations"] = [_only(talk, _KEPT_OF_CONVERSATION) for talk in document.get("conversations") or ()]
    masked["records"] = [
        {**_only(record, _KEPT_OF_RECORD), "record_id": mask_record_id(record.get("record_id"))}
        for record in document.get("records") or ()
    ]
    masked["attributes"] = {
        name: _mask_attribute(name, attribute) for name, attribute in (document.get("attributes") or {}).items()
    }
    return masked


def mask_timeline(items: Iterable[Mapping[str, Any]], scopes: frozenset[Scope]) -> list[dict[str, Any]]:
    """The touchpoints of a timeline as a caller with these scopes may see them: without what was said."""
    if sees_people(scopes):
        return [dict(item) for item in items]
    return [
        {
            **_only(item, _KEPT_OF_INTERACTION),
            "record_id": mask_record_id(item.get("record_id")),
            "subject": MASK if item.get("subject") else None,
            "body": MASK if item.get("body") else None,
        }
        for item in items
    ]


def mask_candidates(candidates: Iterable[Mapping[str, Any]], scopes: frozenset[Scope]) -> list[dict[str, Any]]:
    """Candidates of a lookup: `full_name` is masked where the scopes see no names."""
    if sees_people(scopes):
        return [dict(candidate) for candidate in candidates]
    return [{**candidate, "full_name": mask_value(candidate.get("full_name"))} for candidate in candidates]


def _only(part: Mapping[str, Any] | None, kept: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in (part or {}).items() if name in kept}


def _masked_values(part: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: mask_value(value) for name, value in (part or {}).items() if value is None or isinstance(value, str)}


def _mask_attribute(name: str, attribute: Mapping[str, Any]) -> dict[str, Any]:
    value = attribute.get("value")
    return {
        **_only(attribute, _KEPT_OF_ATTRIBUTE),
        "value": value if name in _KEPT_ATTRIBUTE_VALUES or value is None else MASK,
        "record_id": mask_record_id(attribute.get("record_id")),
    }
