"""Properties of contacts in the look-alike, and which values they take."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from sandbox.vendors import clock
from sandbox.vendors.hubspot.answers import HubSpotError, now
from sandbox.vendors.store import DocumentStore
from sandbox.vendors.stream import Payload
from sandbox.vendors.vendor import is_ignored, reply

_TYPES: Final = frozenset({"string", "number", "bool", "date", "datetime", "enumeration"})
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]{2,}")
_DEFINED: Final = {
    "email": "string",
    "phone": "string",
    "mobilephone": "string",
    "firstname": "string",
    "lastname": "string",
    "city": "string",
    "zip": "string",
    "country": "string",
    "hs_language": "enumeration",
    "lifecyclestage": "enumeration",
    "createdate": "datetime",
    "lastmodifieddate": "datetime",
}
_READ_ONLY: Final = frozenset({"createdate", "lastmodifieddate"})


class Properties:
    """Reads and writes of property definitions."""

    def __init__(self, store: DocumentStore) -> None:
        """HubSpot's own, and those that the store keeps."""
        self._store = store
        self._known = {name: _definition(name, kind) for name, kind in _DEFINED.items()} | store.all("properties")

    def all(self) -> dict[str, Payload]:
        """Every definition by name."""
        return self._known

    async def list(self, _: Request) -> Response:
        """GET /crm/v3/properties/contacts."""
        return reply({"results": list(self._known.values())})

    async def create_group(self, request: Request) -> Response:
        """POST /crm/v3/properties/contacts/groups."""
        sent = await request.json()
        if self._store.get("groups", str(sent.get("name"))) is not None:
            raise HubSpotError(409, "OBJECT_ALREADY_EXISTS", f"Property group {sent.get('name')} already exists")
        with self._store.request(request):
            self._store.put("groups", str(sent["name"]), {"label": sent.get("label")})
        return reply(sent, 201)

    async def create(self, request: Request) -> Response:
        """POST /crm/v3/properties/contacts."""
        sent = await request.json()
        missing = [one for one in ("name", "label", "type", "fieldType", "groupName") if not sent.get(one)]
        if missing:
            raise HubSpotError(400, "VALIDATION_ERROR", f"Some required fields were not set: [{', '.join(missing)}]")
        name = str(sent["name"])
        if name in self._known:
            raise HubSpotError(409, "OBJECT_ALREADY_EXISTS", f"A property named '{name}' already exists.")
        if sent["type"] not in _TYPES or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise HubSpotError(400, "VALIDATION_ERROR", "Property type or name is invalid")
        if self._store.get("groups", str(sent["groupName"])) is None:
            raise HubSpotError(400, "VALIDATION_ERROR", f"Property group {sent['groupName']} does not exist")
        if sent["type"] == "bool" and {one.get("value") for one in sent.get("options") or []} != {"true", "false"}:
            raise HubSpotError(400, "VALIDATION_ERROR", "Boolean properties must have exactly two options: true, false")
        made = {**_definition(name, sent["type"]), **sent, "createdAt": now()}
        with self._store.request(request):
            self._store.put("properties", name, made)
        if not is_ignored(request):
            self._known[name] = made
        return reply(made, 201)

    def problem(self, values: Payload) -> HubSpotError | None:
        """What is wrong with the properties of a contact that was sent."""
        wrong: list[Payload] = []
        for name, value in values.items():
            if name not in self._known:
                wrong.append(
                    {
                        "isValid": False,
                        "message": f'Property "{name}" does not exist',
                        "error": "PROPERTY_DOESNT_EXIST",
                        "name": name,
                    }
                )
            elif value not in ("", None) and (said := _misfit(self._known[name], name, str(value))):
                wrong.append({"isValid": False, "message": said[1], "error": said[0], "name": name})
        if not wrong:
            return None
        return HubSpotError(400, "VALIDATION_ERROR", f"Property values were not valid: {json.dumps(wrong)}")


def _misfit(definition: Payload, name: str, value: str) -> tuple[str, str] | None:
    kind = definition["type"]
    if name in _READ_ONLY:
        return "READ_ONLY_VALUE", f"{name} is a read only property"
    if name == "email" and not _EMAIL.fullmatch(value):
        return "INVALID_EMAIL", f"Email address {value} is invalid"
    if kind == "number" and not re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", value):
        return "INVALID_DOUBLE", f"{value} was not a valid number."
    if kind == "bool" and value not in ("true", "false"):
        return "INVALID_BOOLEAN", f"{value} was not a valid boolean."
    if kind in ("date", "datetime") and not value.lstrip("-").isdigit() and clock.parse(value) is None:
        return "INVALID_DATE", f"{value} was not a valid date."
    options = {one.get("value") for one in definition.get("options") or []}
    if kind == "enumeration" and options and value not in options:
        return "INVALID_OPTION", f"{value} was not one of the allowed options"
    return None


def _definition(name: str, kind: str) -> Payload:
    more: dict[str, Any] = {"hubspotDefined": name in _DEFINED, "calculated": False, "hasUniqueValue": False}
    locked = {"archivable": True, "readOnlyDefinition": False, "readOnlyValue": name in _READ_ONLY}
    return {"name": name, "label": name, "type": kind, "fieldType": "text", "modificationMetadata": locked, **more}
