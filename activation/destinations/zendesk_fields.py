"""Zendesk user fields: which type holds which kind of value, how a value is sent, and when one is held."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from activation.destinations.vendor_client import Refused, VendorClient
from activation.sync.destination import DestinationError, FieldKind

_PATH: Final = "/api/v2/user_fields.json"

_TYPES: Final[Mapping[FieldKind, tuple[str, ...]]] = {
    FieldKind.TEXT: ("text", "textarea"),
    FieldKind.NUMBER: ("decimal",),
    FieldKind.BOOLEAN: ("checkbox",),
    FieldKind.DATE: ("date",),
    FieldKind.TIMESTAMP: ("text", "textarea"),
    FieldKind.LIST: ("textarea", "text"),
}
"""The types that hold a kind; the first is created. A textarea has no limit that a list of segments could reach."""


def user_fields(client: VendorClient, wanted: Mapping[str, FieldKind]) -> None:
    """Create the user fields that are missing.

    Raises:
        DestinationError: if a field of that key exists with another type, or cannot be created.
    """
    existing = _existing(client)
    for key, kind in wanted.items():
        fitting = _TYPES[kind]
        if key in existing and existing[key] not in fitting:
            raise DestinationError(
                f"Zendesk has a user field {key} of type {existing[key]}, and Braid needs {fitting[0]}; "
                "delete that field in Zendesk, Braid creates it again, or map another name"
            )
        if key in existing:
            continue
        title = key.replace("_", " ").capitalize()
        try:
            client.request("POST", _PATH, {"user_field": {"key": key, "type": fitting[0], "title": title}})
        except Refused as refusal:
            # A request whose answer was lost may have created it already.
            if _existing(client).get(key) not in fitting:
                raise DestinationError(f"Zendesk does not create the user field {key}: {refusal}") from None


def _existing(client: VendorClient) -> dict[str, str]:
    found: dict[str, str] = {}
    path: str | None = f"{_PATH}?page[size]=100"
    while path:
        page = client.request("GET", path)
        found |= {str(field.get("key")): str(field.get("type")) for field in page.get("user_fields", [])}
        following = (page.get("links") or {}).get("next") if "meta" in page else page.get("next_page")
        if (page.get("meta") or {}).get("has_more") is False:
            following = None
        # Only the query is followed: the credentials go to the configured host and to no other.
        parts = urlsplit(following) if following else None
        path = f"{_PATH}?{parts.query}" if parts else None
    return found


def as_sent(kind: FieldKind | None, value: Any) -> Any:
    """A value as Zendesk takes it: a list as text with commas, an empty checkbox as false."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or None
    if value is None and kind is FieldKind.BOOLEAN:
        return False
    return value


def same(kind: FieldKind | None, wanted: Any, held: Any) -> bool:
    """Whether a field holds what was sent; nothing, an empty text and an empty checkbox are the same."""
    if wanted in (None, "", False):
        return held in (None, "", False)
    if kind is FieldKind.DATE:
        # A date comes back as the first moment of its day.
        return str(held)[:10] == str(wanted)[:10]
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        try:
            return float(held) == float(wanted)
        except (TypeError, ValueError):
            return False
    return bool(held == wanted)
