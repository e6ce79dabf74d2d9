"""The HubSpot look-alike.

After HubSpot's API reference: "Contacts" (batch read, update, upsert; GDPR delete), "Properties", "Lists" v3 and its
memberships, "Error handling" with its multi-status answers, and "API usage guidelines".
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.vendors.hubspot.answers import HubSpotError
from sandbox.vendors.hubspot.contacts import Contacts
from sandbox.vendors.hubspot.lists import Lists
from sandbox.vendors.hubspot.properties import Properties
from sandbox.vendors.limits import Bucket
from sandbox.vendors.store import DocumentStore
from sandbox.vendors.stream import Json, Stream
from sandbox.vendors.vendor import Endpoint, Vendor

ACCESS_TOKEN: Final = "pat-hubspot-sandbox"

_FAILURES: Final = {
    401: ("INVALID_AUTHENTICATION", "Authentication credentials not found."),
    403: ("MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call."),
    404: ("OBJECT_NOT_FOUND", "resource not found"),
    429: ("RATE_LIMITS", "You have reached your ten_secondly_rolling limit."),
    500: ("INTERNAL_ERROR", "internal error"),
    503: ("SERVICE_UNAVAILABLE", "The service is unavailable"),
}


class HubSpot(Vendor):
    """The retailer's sales and marketing tool, empty until something is written to it."""

    name = "hubspot"

    def __init__(self, state: Path) -> None:
        """Open what was written before, in `state`."""
        self.streams: dict[str, Stream] = {}
        self.bucket = Bucket(100_000, 1000)
        self._store = DocumentStore(state / "hubspot.sqlite")
        self._properties = Properties(self._store)
        self._contacts = Contacts(self._store, self._properties)
        self._lists = Lists(self._store)

    def close(self) -> None:
        """Close the file of what was written."""
        self._store.close()

    def routes(self) -> list[BaseRoute]:
        """What the destination uses."""
        contacts, lists = "/crm/v3/objects/contacts", "/crm/v3/lists"
        table: list[tuple[str, str, Endpoint]] = [
            ("/crm/v3/properties/contacts", "GET", self._properties.list),
            ("/crm/v3/properties/contacts", "POST", self._properties.create),
            ("/crm/v3/properties/contacts/groups", "POST", self._properties.create_group),
            (f"{contacts}/batch/read", "POST", self._contacts.read),
            (f"{contacts}/batch/upsert", "POST", self._contacts.upsert),
            (f"{contacts}/batch/update", "POST", self._contacts.update),
            (f"{contacts}/gdpr-delete", "POST", self._contacts.erase),
            (f"{lists}/object-type-id/0-1/name/{{name:path}}", "GET", self._lists.by_name),
            (f"{lists}/records/memberships/batch/read", "POST", self._lists.read),
            (lists, "POST", self._lists.create),
            (f"{lists}/{{id}}/memberships/{{action:str}}", "PUT", self._lists.change),
        ]
        return [Route(path, self._guarded(endpoint), methods=[method]) for path, method, endpoint in table]

    def failure(self, status: int, retry_after: int | None = None) -> Response:
        """`status`, `message`, `category`; with 429 the policy that was broken."""
        category, message = _FAILURES.get(status, ("UNKNOWN", "An error occurred"))
        more = {"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"} if status == 429 else {}
        response = HubSpotError(status, category, message, **more).response()
        if retry_after is not None:
            response.headers["Retry-After"] = str(retry_after)
        return response

    def environment(self, url: str) -> dict[str, str]:
        """URL and token of a private app."""
        return {"BRAID_HUBSPOT__URL": url, "BRAID_HUBSPOT__ACCESS_TOKEN": ACCESS_TOKEN}

    def held(self) -> dict[str, Json]:
        """Contacts by id, property definitions, lists, memberships as `<list>:<contact>`, blocked addresses."""
        return self._store.held("contacts", "properties", "lists", "memberships", "blocked")

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def answer(request: Request) -> Response:
            if request.headers.get("authorization") != f"Bearer {ACCESS_TOKEN}":
                return self.failure(401)
            if not self.bucket.take():
                return self.failure(429)
            try:
                response = await endpoint(request)
            except HubSpotError as refusal:
                response = refusal.response()
            except ValueError:
                response = HubSpotError(400, "VALIDATION_ERROR", "Invalid input JSON").response()
            response.headers["X-HubSpot-RateLimit-Max"] = str(int(self.bucket.capacity))
            response.headers["X-HubSpot-RateLimit-Remaining"] = str(int(self.bucket.available))
            return response

        return answer
