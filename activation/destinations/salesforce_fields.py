"""Fields of Salesforce contacts: which type holds which kind of value, how one is sent, and when one is held."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from activation.destinations.vendor_client import Refused, VendorClient
from activation.sync.destination import DestinationError, FieldKind

_TEXT: Final = ("string", "textarea", "picklist", "phone", "email", "url")

_FITTING: Final[Mapping[FieldKind, tuple[str, ...]]] = {
    FieldKind.TEXT: _TEXT,
    FieldKind.NUMBER: ("double", "currency", "percent", "int"),
    FieldKind.BOOLEAN: ("boolean",),
    FieldKind.DATE: ("date",),
    FieldKind.TIMESTAMP: ("datetime",),
    FieldKind.LIST: ("textarea", "string"),
}
"""The types of `describe` that hold a kind ("Field Types", Object Reference)."""

_MADE: Final[Mapping[FieldKind, Mapping[str, Any]]] = {
    FieldKind.TEXT: {"type": "Text", "length": 255},
    FieldKind.NUMBER: {"type": "Number", "precision": 18, "scale": 2},
    FieldKind.BOOLEAN: {"type": "Checkbox", "defaultValue": "false"},
    FieldKind.DATE: {"type": "Date"},
    FieldKind.TIMESTAMP: {"type": "DateTime"},
    FieldKind.LIST: {"type": "LongTextArea", "length": 32768, "visibleLines": 3},
}
"""What a missing field is made as (CustomField of the Tooling API)."""


def contact_fields(
    client: VendorClient, base: str, wanted: Mapping[str, FieldKind], external_id: str | None
) -> dict[str, str]:
    """Create the custom fields of Contact that are missing; the types of all fields by name.

    Args:
        client: of the account.
        base: `/services/data/v61.0`.
        wanted: field -> kind.
        external_id: the field that holds Braid's key, to be unique; None: contacts are named by their own id.

    Raises:
        DestinationError: if a field has another type, cannot be written, cannot be created, or stays invisible.
    """
    needed = dict(wanted) if external_id is None else {**wanted, external_id: FieldKind.TEXT}
    described = _described(client, base)
    missing = [name for name in needed if name not in described]
    for name in missing:
        _create(client, base, name, needed[name], unique=name == external_id)
    if missing:
        described = _described(client, base)
    for name, kind in needed.items():
        if name not in described:
            raise DestinationError(
                f"Salesforce's field Contact.{name} is there, but the integration's user may not see it; "
                "give a permission set of that user read and edit access to the field"
            )
        field = described[name]
        if field.get("type") not in _FITTING[kind]:
            raise DestinationError(
                f"Salesforce's field Contact.{name} is of type {field.get('type')}, and Braid needs "
                f"{_MADE[kind]['type']}; map another name, or remove the field in Salesforce, Braid creates it again"
            )
        if field.get("updateable") is False:
            raise DestinationError(
                f"Salesforce's field Contact.{name} cannot be written by the integration's user; "
                "give a permission set of that user edit access to the field"
            )
        if name == external_id and not field.get("externalId"):
            raise DestinationError(f"Salesforce's field Contact.{name} must be marked as an external id, and unique")
    return {name: str(field.get("type")) for name, field in described.items()}


def _described(client: VendorClient, base: str) -> dict[str, dict[str, Any]]:
    body = client.request("GET", f"{base}/sobjects/Contact/describe")
    return {str(field.get("name")): field for field in body.get("fields", [])}


def _create(client: VendorClient, base: str, name: str, kind: FieldKind, *, unique: bool) -> None:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*__c", name):
        raise DestinationError(
            f"Salesforce has no field Contact.{name}; a field of your own must be named like Braid_Persona__c"
        )
    made = {**_MADE[kind], "label": name.removesuffix("__c").replace("_", " ")}
    if unique:
        made |= {"externalId": True, "unique": True, "caseSensitive": True}
    try:
        client.exchange(
            "POST", f"{base}/tooling/sobjects/CustomField", {"FullName": f"Contact.{name}", "Metadata": made}
        )
    except Refused as refusal:
        # A request whose answer was lost may have created it already.
        if "DUPLICATE_DEVELOPER_NAME" not in str(refusal):
            raise DestinationError(
                f"Salesforce does not create the field Contact.{name}: {refusal}. The integration's user needs the "
                "permission Customize Application, or create the field by hand"
            ) from None


def as_sent(kind: FieldKind | None, value: Any) -> Any:
    """A value as Salesforce takes it: a list as text with semicolons, an empty checkbox as false."""
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value)) or None
    if value is None and kind is FieldKind.BOOLEAN:
        return False
    return value


def same(kind: FieldKind | None, wanted: Any, held: Any) -> bool:
    """Whether a field holds what was sent: nothing, an empty text and an empty checkbox are the same."""
    if wanted in (None, "", False):
        return held in (None, "", False)
    if kind is FieldKind.TIMESTAMP:
        return held is not None and _moment(str(wanted)) == _moment(str(held))
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        # Two decimals are what a field made by Braid keeps.
        return isinstance(held, int | float) and abs(float(held) - float(wanted)) < 0.00501
    if isinstance(wanted, str):
        # Salesforce trims text.
        return isinstance(held, str) and held.strip() == wanted.strip()
    return bool(held == wanted)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.replace(microsecond=0)
