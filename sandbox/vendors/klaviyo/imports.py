"""Bulk imports of the look-alike: done when they are taken, reported as a job is; a null changes nothing."""

from __future__ import annotations

import secrets
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from sandbox.vendors import clock
from sandbox.vendors.klaviyo.documents import KlaviyoError, collection
from sandbox.vendors.klaviyo.profiles import Profiles, problem
from sandbox.vendors.store import DocumentStore
from sandbox.vendors.stream import Payload
from sandbox.vendors.vendor import failing_rows, is_ignored, reply

MOST: Final = 10_000
LARGEST: Final = 5_000_000


class Imports:
    """Jobs of "Bulk Import Profiles"."""

    def __init__(self, store: DocumentStore, profiles: Profiles) -> None:
        """Write those profiles, and keep the jobs in that store."""
        self._store, self._profiles = store, profiles

    async def create(self, request: Request) -> Response:
        """POST /api/profile-bulk-import-jobs."""
        if len(await request.body()) > LARGEST:
            raise KlaviyoError(413, "payload_too_large", "The payload is larger than 5MB.")
        data = (await request.json()).get("data") or {}
        rows = ((data.get("attributes") or {}).get("profiles") or {}).get("data")
        if data.get("type") != "profile-bulk-import-job" or not isinstance(rows, list) or not rows:
            raise KlaviyoError(400, "invalid", "The payload provided in the request is invalid.")
        if len(rows) > MOST:
            raise KlaviyoError(
                400, "invalid", f"At most {MOST} profiles can be imported in one job.", "/data/attributes/profiles"
            )
        failing = failing_rows(request)
        errors: list[Payload] = []
        with self._store.request(request):
            for place, row in enumerate(rows):
                error = self._import(row, place, broken=place in failing)
                if error is not None:
                    errors.append({**error.body, "original_payload": row})
        job_id = secrets.token_hex(12)
        done = {"total_count": len(rows), "completed_count": len(rows) - len(errors), "failed_count": len(errors)}
        if is_ignored(request):
            done = {**done, "completed_count": len(rows), "failed_count": 0}
        moment = clock.write(clock.now(), "%Y-%m-%dT%H:%M:%S+00:00")
        job = {"attributes": {"status": "complete", "created_at": moment, "completed_at": moment, **done}}
        # A job is no row that is written: it is kept, and not counted.
        self._store.keep("jobs", job_id, {**job, "errors": errors})
        queued = {**job["attributes"], "status": "queued", "completed_at": None, "completed_count": 0}
        return reply({"data": {"type": "profile-bulk-import-job", "id": job_id, "attributes": queued}}, 202)

    def _import(self, row: Payload, place: int, *, broken: bool) -> KlaviyoError | None:
        at = f"/data/attributes/profiles/data/{place}/attributes"
        attributes = row.get("attributes") if isinstance(row, dict) else None
        if not isinstance(attributes, dict):
            return KlaviyoError(400, "invalid", "A profile must have attributes", at)
        if broken:
            return KlaviyoError(500, "internal_error", "The profile could not be imported. Try again.", at)
        named = row.get("id")
        wrong = problem({**attributes, **({"id": named} if named else {})}, at)
        if wrong is not None:
            return wrong
        try:
            self._profiles.upsert(attributes, named, clears=False)
        except KlaviyoError as conflict:
            return conflict
        return None

    def _job(self, request: Request) -> Payload:
        job = self._store.get("jobs", request.path_params["id"])
        if job is None:
            raise KlaviyoError(404, "not_found", "A job with that id does not exist.")
        return job

    async def show(self, request: Request) -> Response:
        """GET /api/profile-bulk-import-jobs/{id}."""
        attributes = self._job(request)["attributes"]
        return reply(
            {"data": {"type": "profile-bulk-import-job", "id": request.path_params["id"], "attributes": attributes}}
        )

    async def errors(self, request: Request) -> Response:
        """GET /api/profile-bulk-import-jobs/{id}/import-errors."""
        listed = [
            {"type": "import-error", "id": one["id"], "attributes": {k: v for k, v in one.items() if k != "id"}}
            for one in self._job(request)["errors"]
        ]
        return collection(request, listed)
