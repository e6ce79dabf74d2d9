"""Contacts of the look-alike: batches of a hundred, answered one by one when each input is traced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from sandbox.vendors.hubspot.answers import HubSpotError, batch_answer, now
from sandbox.vendors.hubspot.properties import Properties
from sandbox.vendors.store import DocumentStore
from sandbox.vendors.stream import Payload
from sandbox.vendors.vendor import failing_rows

MOST: Final = 100


class Contacts:
    """Reads and writes of contacts."""

    def __init__(self, store: DocumentStore, properties: Properties) -> None:
        """Keep them in that store."""
        self._store, self._properties = store, properties
        store.index("properties.email")
        store.index("properties.braid_customer_id")

    def _unique(self, name: str | None) -> str | None:
        if name is None or name == "hs_object_id":
            return None
        if name != "email" and not self._properties.all().get(name, {}).get("hasUniqueValue"):
            raise HubSpotError(400, "VALIDATION_ERROR", f"Property {name} is not a unique identifier")
        return name

    def _find(self, value: str, id_property: str | None) -> tuple[str, Payload] | None:
        if id_property is None:
            body = self._store.get("contacts", value)
            return None if body is None else (value, body)
        folded = value.lower() if id_property == "email" else value
        return next(iter(self._store.find("contacts", f"properties.{id_property}", folded)), None)

    async def read(self, request: Request) -> Response:
        """POST /crm/v3/objects/contacts/batch/read."""
        sent = await request.json()
        inputs = _inputs(sent)
        unique = self._unique(sent.get("idProperty"))
        wanted = {*(sent.get("properties") or ()), *({unique} if unique else ())}
        results, missing = [], []
        for one in inputs:
            found = self._find(str(one.get("id")), unique)
            if found is None:
                missing.append(str(one.get("id")))
            else:
                results.append(_shown(*found, wanted))
        gone = HubSpotError(404, "OBJECT_NOT_FOUND", "Could not get some CONTACT objects, they may be deleted")
        return batch_answer(results, [gone.in_batch(ids=missing)] if missing else [])

    async def upsert(self, request: Request) -> Response:
        """POST /crm/v3/objects/contacts/batch/upsert: by a unique property."""

        def target(one: Payload) -> tuple[str, Payload, Payload]:
            unique = self._unique(one.get("idProperty"))
            if unique is None:
                raise HubSpotError(400, "VALIDATION_ERROR", "idProperty is required")
            if unique == "email":
                raise HubSpotError(400, "VALIDATION_ERROR", "Partial upserts are not supported with email")
            named = {unique: str(one.get("id"))}
            found = self._find(str(one.get("id")), unique)
            key, before = found or (self._next_id(), {"properties": {}, "createdAt": now()})
            return key, before, {**one.get("properties", {}), **named}

        return await self._write(request, target)

    async def update(self, request: Request) -> Response:
        """POST /crm/v3/objects/contacts/batch/update: by id."""

        def target(one: Payload) -> tuple[str, Payload, Payload]:
            unique = self._unique(one.get("idProperty"))
            found = self._find(str(one.get("id")), unique)
            if found is None:
                raise HubSpotError(404, "OBJECT_NOT_FOUND", "Could not get some CONTACT objects, they may be deleted")
            return (*found, one.get("properties", {}))

        return await self._write(request, target)

    async def _write(
        self, request: Request, target: Callable[[Payload], tuple[str, Payload, Payload]]
    ) -> Response:  # fmt: skip
        inputs = _inputs(await request.json())
        failing = failing_rows(request)
        traced = all(one.get("objectWriteTraceId") for one in inputs)
        results: list[Payload] = []
        errors: list[Payload] = []
        with self._store.request(request):
            for place, one in enumerate(inputs):
                try:
                    if place in failing:
                        raise HubSpotError(500, "VALIDATION_ERROR", "The contact could not be saved")
                    key, before, values = target(one)
                    new = "updatedAt" not in before
                    after = self._save(key, before, values)
                except HubSpotError as refusal:
                    if not traced:
                        raise
                    errors.append(refusal.in_batch(objectWriteTraceId=[str(one["objectWriteTraceId"])]))
                else:
                    trace = one.get("objectWriteTraceId")
                    results.append({**_shown(key, after, set(values)), "new": new, "objectWriteTraceId": trace})
        return batch_answer(results, errors)

    def _save(self, key: str, before: Payload, values: Payload) -> Payload:
        wrong = self._properties.problem(values)
        if wrong is not None:
            raise wrong
        changed = {
            name: (str(value).lower() if name == "email" else str(value)) if value not in ("", None) else None
            for name, value in values.items()
        }
        for name in ("email", *(one for one in changed if self._properties.all()[one].get("hasUniqueValue"))):
            holder = self._find(changed[name] or "", name) if changed.get(name) else None
            if holder is not None and holder[0] != key:
                raise HubSpotError(409, "CONFLICT", f"Contact already exists. Existing ID: {holder[0]}")
        kept = {name: value for name, value in {**before["properties"], **changed}.items() if value is not None}
        after = {**before, "properties": kept, "updatedAt": now()}
        self._store.put("contacts", key, after)
        return after

    def _next_id(self) -> str:
        last = self._store.get("counters", "contacts") or {"last": 100}
        self._store.keep("counters", "contacts", {"last": last["last"] + 1})
        return str(last["last"] + 1)

    async def erase(self, request: Request) -> Response:
        """POST /crm/v3/objects/contacts/gdpr-delete."""
        sent = await request.json()
        found = self._find(str(sent.get("objectId")), self._unique(sent.get("idProperty")))
        if found is None and sent.get("idProperty") != "email":
            raise HubSpotError(404, "OBJECT_NOT_FOUND", "Object not found. objectId are usually numeric.")
        with self._store.request(request):
            if found is None:
                self._store.put("blocked", str(sent["objectId"]).lower(), {})
            else:
                self._store.delete("contacts", found[0])
                for one in [key for key in self._store.all("memberships") if key.endswith(f":{found[0]}")]:
                    self._store.delete("memberships", one)
        return Response(status_code=204)


def _inputs(sent: Payload) -> list[Payload]:
    inputs = sent.get("inputs") if isinstance(sent, dict) else None
    if not isinstance(inputs, list) or not inputs:
        raise HubSpotError(400, "VALIDATION_ERROR", "Invalid input JSON: inputs is required")
    if len(inputs) > MOST:
        raise HubSpotError(400, "VALIDATION_ERROR", f"The maximum number of inputs supported in a batch is {MOST}")
    ids = [str(one.get("id")) for one in inputs]
    if len(ids) != len(set(ids)):
        raise HubSpotError(400, "VALIDATION_ERROR", "Duplicate IDs found in batch input")
    return inputs


def _shown(key: str, body: Payload, wanted: set[str]) -> Payload:
    shown = {"hs_object_id": key, **{name: body["properties"].get(name) for name in sorted(wanted)}}
    stamps = {"createdAt": body.get("createdAt"), "updatedAt": body.get("updatedAt"), "archived": False}
    return {"id": key, "properties": shown, **stamps}
