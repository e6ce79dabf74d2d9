"""Lists of the look-alike, and who is on them."""

from __future__ import annotations

import secrets
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from sandbox.vendors.klaviyo.documents import KlaviyoError, collection, filtered, profile_resource
from sandbox.vendors.store import DocumentStore
from sandbox.vendors.stream import Payload
from sandbox.vendors.vendor import reply

MOST: Final = 1_000


class Lists:
    """Reads and writes of lists and memberships."""

    def __init__(self, store: DocumentStore) -> None:
        """Keep them in that store."""
        self._store = store

    async def list(self, request: Request) -> Response:
        """GET /api/lists: ten a page."""
        lists = self._store.all("lists")
        if "filter" in request.query_params:
            field, values = filtered(request.query_params["filter"], "id", "name")
            lists = {key: one for key, one in lists.items() if (key if field == "id" else one["name"]) in values}
        return collection(request, [self._resource(key, one) for key, one in lists.items()], largest=10)

    def _resource(self, key: str, attributes: Payload) -> Payload:
        return {"type": "list", "id": key, "attributes": attributes}

    async def create(self, request: Request) -> Response:
        """POST /api/lists."""
        data = (await request.json()).get("data") or {}
        name = (data.get("attributes") or {}).get("name")
        if data.get("type") != "list" or not isinstance(name, str) or not name:
            raise KlaviyoError(400, "invalid", "'name' is a required field for the resource 'list'.")
        key = secrets.token_urlsafe(6)[:6]
        with self._store.request(request):
            self._store.put("lists", key, {"name": name, "opt_in_process": "single_opt_in"})
        return reply({"data": self._resource(key, {"name": name, "opt_in_process": "single_opt_in"})}, 201)

    def _named(self, request: Request) -> str:
        key = str(request.path_params["id"])
        if self._store.get("lists", key) is None:
            raise KlaviyoError(404, "not_found", f"A list with id {key} does not exist.")
        return key

    async def members(self, request: Request) -> Response:
        """GET /api/lists/{id}/profiles: by address, for no id can be filtered by."""
        listed = self._named(request)
        if "filter" in request.query_params:
            field, values = filtered(request.query_params["filter"], "email", "phone_number")
            found = self._store.find("profiles", field, *(one.lower() for one in values))
            found = [
                (key, body) for key, body in found if self._store.get("memberships", f"{listed}:{key}") is not None
            ]
        else:
            keys = [one.partition(":")[2] for one in self._store.all("memberships") if one.startswith(f"{listed}:")]
            found = [(key, body) for key in keys if (body := self._store.get("profiles", key)) is not None]
        return collection(request, [profile_resource(key, body) for key, body in found])

    async def change(self, request: Request) -> Response:
        """POST or DELETE /api/lists/{id}/relationships/profiles: up to 1,000."""
        listed = self._named(request)
        data = (await request.json()).get("data")
        if not isinstance(data, list) or any(one.get("type") != "profile" for one in data):
            raise KlaviyoError(400, "invalid", "The payload provided in the request is invalid.")
        if len(data) > MOST:
            raise KlaviyoError(400, "invalid", f"At most {MOST} profiles can be changed in one request.")
        keys = [str(one.get("id")) for one in data]
        for key in keys:
            if request.method == "POST" and self._store.get("profiles", key) is None:
                raise KlaviyoError(404, "not_found", f"A profile with id {key} does not exist.")
        with self._store.request(request):
            for key in keys:
                if request.method == "POST":
                    self._store.put("memberships", f"{listed}:{key}", {})
                else:
                    self._store.delete("memberships", f"{listed}:{key}")
        return Response(status_code=204)
