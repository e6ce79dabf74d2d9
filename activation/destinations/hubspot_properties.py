"""Properties of HubSpot contacts: which type holds which kind of value, how one is sent, and when one is held."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from activation.destinations.hubspot_client import CUSTOMER_ID
from activation.destinations.vendor_client import Refused, VendorClient
from activation.sync.destination import DestinationError, FieldKind

_PATH: Final = "/crm/v3/properties/contacts"
_GROUP: Final = "braid"

_TYPES: Final[Mapping[FieldKind, tuple[str, str]]] = {
    FieldKind.TEXT: ("string", "text"),
    FieldKind.NUMBER: ("number", "number"),
    FieldKind.BOOLEAN: ("bool", "booleancheckbox"),
    FieldKind.DATE: ("date", "date"),
    FieldKind.TIMESTAMP: ("datetime", "date"),
    FieldKind.LIST: ("string", "textarea"),
}
"""`type` and `fieldType` of a property ("Property type and fieldType values")."""

_YES_NO: Final = (
    {"label": "Yes", "value": "true", "displayOrder": 0, "hidden": False},
    {"label": "No", "value": "false", "displayOrder": 1, "hidden": False},
)


def contact_properties(client: VendorClient, wanted: Mapping[str, FieldKind]) -> None:
    """Create the properties of contacts that are missing, in a group of their own.

    Raises:
        DestinationError: if a property has another type, is read-only, or cannot be created.
    """
    existing = {str(one.get("name")): one for one in client.request("GET", _PATH).get("results", [])}
    needed = {**wanted, CUSTOMER_ID: FieldKind.TEXT}
    missing = [name for name in needed if name not in existing]
    if missing:
        _create_group(client)
    for name in missing:
        _create(client, name, needed[name])
    for name, kind in needed.items():
        found = existing.get(name)
        if found is None:
            continue
        # An enumeration holds a text as long as the text is one of its options: HubSpot says so per contact.
        fitting = {_TYPES[kind][0], "enumeration"} if kind is FieldKind.TEXT else {_TYPES[kind][0]}
        if found.get("type") not in fitting:
            raise DestinationError(
                f"HubSpot's contact property {name} is of type {found.get('type')}, and Braid needs "
                f"{_TYPES[kind][0]}; map another name, or delete the property in HubSpot, Braid creates it again"
            )
        if (found.get("modificationMetadata") or {}).get("readOnlyValue") or found.get("calculated"):
            raise DestinationError(f"HubSpot's contact property {name} is read-only; map another name")
        if name == CUSTOMER_ID and not found.get("hasUniqueValue"):
            raise DestinationError(
                f"HubSpot's contact property {name} must hold unique values; delete it, Braid creates it again"
            )


def _create_group(client: VendorClient) -> None:
    try:
        client.exchange("POST", f"{_PATH}/groups", {"name": _GROUP, "label": "Braid", "displayOrder": -1})
    except Refused as refusal:
        if refusal.status != 409:
            raise DestinationError(f"HubSpot does not create the property group {_GROUP}: {refusal}") from None


def _create(client: VendorClient, name: str, kind: FieldKind) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise DestinationError(
            f"HubSpot has no contact property {name}; a property of your own must be named like braid_persona"
        )
    kind_of, shown_as = _TYPES[kind]
    body: dict[str, Any] = {
        "name": name,
        "label": name.replace("_", " ").capitalize(),
        "groupName": _GROUP,
        "type": kind_of,
        "fieldType": shown_as,
        "hasUniqueValue": name == CUSTOMER_ID,
    }
    if kind is FieldKind.BOOLEAN:
        body["options"] = list(_YES_NO)
    try:
        client.exchange("POST", _PATH, body)
    except Refused as refusal:
        # A request whose answer was lost may have created it already.
        if refusal.status != 409:
            raise DestinationError(f"HubSpot does not create the contact property {name}: {refusal}") from None


def as_sent(value: Any) -> str:
    """A value as HubSpot takes it: text, empty to clear, a list with semicolons."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    return str(value)


def same(kind: FieldKind | None, wanted: Any, held: Any) -> bool:
    """Whether a property, which is always read as text, holds what was sent."""
    sent, read = as_sent(wanted), "" if held is None else str(held)
    if sent == read or not sent or not read:
        return sent == read
    if kind is FieldKind.NUMBER:
        try:
            return float(sent) == float(read)
        except ValueError:
            return False
    if kind is FieldKind.TIMESTAMP:
        return _moment(sent) == _moment(read)
    if kind is FieldKind.DATE:
        return sent[:10] == read[:10]
    return sent.strip() == read.strip()


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
