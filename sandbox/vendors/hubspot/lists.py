"""Lists of the look-alike, and who is on them."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from sandbox.vendors.hubspot.answers import HubSpotError, batch_answer, now
from sandbox.vendors.store import DocumentStore
from sandbox.vendors.stream import Payload
from sandbox.vendors.vendor import reply

MOST: Final = 100_000
_BY_HAND: Final = ("MANUAL", "SNAPSHOT")


class Lists:
    """Reads and writes of lists and memberships."""

    def __init__(self, store: DocumentStore) -> None:
        """Keep them in that store."""
        self._store = store

    async def by_name(self, request: Request) -> Response:
        """GET /crm/v3/lists/object-type-id/0-1/name/{name}."""
        name = request.path_params["name"]
        found = next((one for one in self._store.all("lists").values() if one["name"] == name), None)
        if found is None:
            raise HubSpotError(404, "OBJECT_NOT_FOUND", f"List does not exist with name {name} and object type ID 0-1.")
        return reply({"list": found})

    async def create(self, request: Request) -> Response:
        """POST /crm/v3/lists."""
        sent = await request.json()
        if not sent.get("name") or sent.get("objectTypeId") != "0-1":
            raise HubSpotError(400, "VALIDATION_ERROR", "name and objectTypeId are required")
        if sent.get("processingType") not in (*_BY_HAND, "DYNAMIC"):
            raise HubSpotError(400, "VALIDATION_ERROR", "processingType must be one of MANUAL, SNAPSHOT, DYNAMIC")
        lists = self._store.all("lists")
        if any(one["name"] == sent["name"] for one in lists.values()):
            raise HubSpotError(409, "CONFLICT", "A list with that name already exists")
        key = str(len(lists) + 1)
        made = {"listId": key, "name": sent["name"], "objectTypeId": "0-1", "processingType": sent["processingType"]}
        with self._store.request(request):
            self._store.put("lists", key, made)
        return reply({"list": made})

    async def change(self, request: Request) -> Response:
        """PUT /crm/v3/lists/{id}/memberships/add or remove: a bare list of contact ids."""
        key, action = request.path_params["id"], request.path_params["action"]
        ids = await request.json()
        held = self._store.get("lists", key)
        if held is None:
            raise HubSpotError(404, "OBJECT_NOT_FOUND", f"List does not exist with ID {key}.")
        if held["processingType"] not in _BY_HAND:
            raise HubSpotError(
                400, "VALIDATION_ERROR", "Records cannot be added to a list that is processed by HubSpot"
            )
        if not isinstance(ids, list) or len(ids) > MOST:
            raise HubSpotError(400, "VALIDATION_ERROR", f"A list of at most {MOST} record ids is required")
        changed: list[str] = []
        missing: list[str] = []
        with self._store.request(request):
            for one in map(str, ids):
                if action == "add" and self._store.get("contacts", one) is None:
                    missing.append(one)
                elif action == "add":
                    self._store.put("memberships", f"{key}:{one}", {"firstAddedTimestamp": now()})
                    changed.append(one)
                elif self._store.delete("memberships", f"{key}:{one}"):
                    changed.append(one)
        added, removed = (changed, []) if action == "add" else ([], changed)
        return reply({"recordsIdsAdded": added, "recordIdsRemoved": removed, "recordIdsMissing": missing})

    async def read(self, request: Request) -> Response:
        """POST /crm/v3/lists/records/memberships/batch/read."""
        inputs = (await request.json()).get("inputs")
        if not isinstance(inputs, list) or not inputs:
            raise HubSpotError(400, "VALIDATION_ERROR", "inputs is required")
        results: list[Payload] = []
        lists = self._store.all("lists")
        for one in inputs:
            record = str(one.get("recordId"))
            on = [key for key in lists if self._store.get("memberships", f"{key}:{record}") is not None]
            listed = [{"listId": key, "listVersion": 1} for key in on]
            results.append({"objectTypeId": "0-1", "recordId": record, "recordListMemberships": listed})
        return batch_answer(results, [])
