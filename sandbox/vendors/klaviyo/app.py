"""The Klaviyo look-alike.

After Klaviyo's API reference: "Get Profiles", "Create or Update Profile", "Bulk Import Profiles" and its job and
errors, "Get Lists", "Create List", "Get Profiles for List", "Add/Remove Profiles to/from List", "Request Profile
Deletion", and "Rate limits, status codes, and errors".
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.vendors.klaviyo.documents import KlaviyoError
from sandbox.vendors.klaviyo.imports import Imports
from sandbox.vendors.klaviyo.lists import Lists
from sandbox.vendors.klaviyo.profiles import Profiles
from sandbox.vendors.limits import Bucket
from sandbox.vendors.store import DocumentStore
from sandbox.vendors.stream import Json, Stream
from sandbox.vendors.vendor import Endpoint, Vendor, reply

API_KEY: Final = "pk_klaviyo_sandbox"

_FAILURES: Final = {
    401: ("not_authenticated", "Authentication credentials were not provided."),
    403: ("permission_denied", "You do not have permission to perform this action."),
    404: ("not_found", "The requested resource does not exist."),
    429: ("throttled", "Request was throttled. Expected available in 1 second."),
    500: ("error", "A server error occurred."),
    503: ("service_unavailable", "Service temporarily unavailable, try again later."),
}


class Klaviyo(Vendor):
    """The retailer's marketing tool, empty until something is written to it."""

    name = "klaviyo"

    def __init__(self, state: Path) -> None:
        """Open what was written before, in `state`."""
        self.streams: dict[str, Stream] = {}
        self.bucket = Bucket(100_000, 1000)
        self._store = DocumentStore(state / "klaviyo.sqlite")
        self._profiles = Profiles(self._store)
        self._imports = Imports(self._store, self._profiles)
        self._lists = Lists(self._store)

    def close(self) -> None:
        """Close the file of what was written."""
        self._store.close()

    def routes(self) -> list[BaseRoute]:
        """What the destination uses, and a few reads besides."""
        jobs = "/profile-bulk-import-jobs"
        table: list[tuple[str, str, Endpoint]] = [
            ("/profiles", "GET", self._profiles.list),
            ("/profiles/{id}", "GET", self._profiles.show),
            ("/profile-import", "POST", self._profiles.import_one),
            (jobs, "POST", self._imports.create),
            (f"{jobs}/{{id}}", "GET", self._imports.show),
            (f"{jobs}/{{id}}/import-errors", "GET", self._imports.errors),
            ("/lists", "GET", self._lists.list),
            ("/lists", "POST", self._lists.create),
            ("/lists/{id}/profiles", "GET", self._lists.members),
            ("/lists/{id}/relationships/profiles", "POST", self._lists.change),
            ("/lists/{id}/relationships/profiles", "DELETE", self._lists.change),
            ("/data-privacy-deletion-jobs", "POST", self._profiles.request_deletion),
        ]
        return [
            Route(f"/api{path}{slash}", self._guarded(endpoint), methods=[method])
            for path, method, endpoint in table
            for slash in ("", "/")
        ]

    def failure(self, status: int, retry_after: int | None = None) -> Response:
        """`errors` with one of JSON:API; Retry-After in seconds with 429."""
        code, detail = _FAILURES.get(status, ("error", "An error occurred."))
        response = KlaviyoError(status, code, detail).response()
        if retry_after is not None:
            response.headers["Retry-After"] = str(retry_after)
        return response

    def environment(self, url: str) -> dict[str, str]:
        """URL and private key."""
        return {"BRAID_KLAVIYO__URL": url, "BRAID_KLAVIYO__API_KEY": API_KEY}

    def held(self) -> dict[str, Json]:
        """Profiles by id, lists by id, memberships as `<list>:<profile>`."""
        return self._store.held("profiles", "lists", "memberships")

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def answer(request: Request) -> Response:
            if request.headers.get("authorization") != f"Klaviyo-API-Key {API_KEY}":
                return self.failure(401)
            if not re.fullmatch(r"\d{4}-\d\d-\d\d(\.\w+)?", request.headers.get("revision", "")):
                return KlaviyoError(400, "invalid", "A valid revision header is required.", "revision").response()
            if not self.bucket.take():
                return self.failure(429, self.bucket.wait())
            try:
                response = await endpoint(request)
            except KlaviyoError as refusal:
                response = refusal.response()
            except ValueError:
                response = reply({"errors": [KlaviyoError(400, "parse_error", "JSON parse error").body]}, 400)
            response.headers["RateLimit-Limit"] = str(int(self.bucket.capacity))
            response.headers["RateLimit-Remaining"] = str(int(self.bucket.available))
            response.headers["RateLimit-Reset"] = "1"
            return response

        return answer
