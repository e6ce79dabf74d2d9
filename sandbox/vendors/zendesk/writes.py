"""The writes of the help desk: user fields and batch updates of users.

After "User Fields", "Update Many Users" (up to 100, as a background job) and "Job Statuses". A value that does not fit
its field's type fails that one user; a key that no field has is ignored, as by the real one.
"""

from __future__ import annotations

import secrets
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from sandbox.vendors import clock
from sandbox.vendors.render import Z
from sandbox.vendors.stream import Json, Payload, Raw, Stream
from sandbox.vendors.vendor import address, failing_rows, is_ignored, reply
from sandbox.vendors.zendesk.store import Store

BATCH: Final = 100
_FITS: Final[dict[str, type | tuple[type, ...]]] = {
    "text": str,
    "textarea": str,
    "regexp": str,
    "dropdown": str,
    "date": str,
    "checkbox": bool,
    "integer": int,
    "decimal": (int, float),
    "multiselect": list,
}
_FAULT: Final = ("UserUpdateError", "The user could not be saved; try again")


def invalid(details: dict[str, list[Payload]]) -> Response:
    """422 RecordInvalid with the fields at fault."""
    return reply({"error": "RecordInvalid", "description": "Record validation errors", "details": details}, 422)


def fits(kind: str, value: Json) -> bool:
    """Whether a user field of that type takes the value; null empties any field."""
    if value is None:
        return True
    if kind in {"integer", "decimal"} and isinstance(value, bool):
        return False
    return isinstance(value, _FITS[kind])


class Desk:
    """Users' fields as they are written, kept in the store and mirrored in the served rows."""

    def __init__(self, store: Store, users: Stream) -> None:
        """Lay what was written before over the rendered users."""
        self.store, self._users = store, users
        self.fields = store.fields()
        self.gone = store.deleted()
        self.writes = 0
        for key, (values, at, _) in store.users().items():
            if users.get(key) is not None:
                self._apply(key, values, at)

    def _apply(self, key: str, values: Payload, at: int) -> None:
        row = self._users.get(key)
        if row is None:
            return
        row.payload["user_fields"] = values
        row.payload["updated_at"] = clock.write(at, Z)
        self._users.move(key, at)

    def with_fields(self, user: Payload) -> Payload:
        """A user with every defined field, null where nothing was written."""
        if isinstance(user, Raw) or "user_fields" not in user:
            return user
        return {**user, "user_fields": {**dict.fromkeys(self.fields), **user["user_fields"]}}

    async def list_fields(self, _: Request) -> Response:
        """GET /api/v2/user_fields.json."""
        fields = list(self.fields.values())
        return reply({"user_fields": fields, "count": len(fields), "next_page": None, "previous_page": None})

    async def create_field(self, request: Request) -> Response:
        """POST /api/v2/user_fields.json."""
        sent = (await request.json()).get("user_field")
        if not isinstance(sent, dict):
            return reply({"error": {"title": "Invalid attribute", "message": "user_field is missing"}}, 400)
        missing = [name for name in ("type", "title", "key") if not sent.get(name)]
        if missing:
            blank = {"error": "BlankValue"}
            return invalid({name: [{**blank, "description": f"{name.title()}: cannot be blank"}] for name in missing})
        if sent["type"] not in _FITS:
            return invalid({"type": [{"error": "InvalidValue", "description": "Type: is invalid"}]})
        key = str(sent["key"])
        if key in self.fields:
            return invalid(
                {
                    "key": [
                        {"error": "DuplicateValue", "description": f"Key: {key} is already being used by another field"}
                    ]
                }
            )
        moment = clock.write(clock.now(), Z)
        body = {
            "id": 9_300_000_000_001 + len(self.fields),
            "type": sent["type"],
            "key": key,
            "title": sent["title"],
            "raw_title": sent["title"],
            "description": sent.get("description", ""),
            "raw_description": sent.get("description", ""),
            "position": len(self.fields),
            "active": True,
            "system": False,
            "regexp_for_validation": None,
            "tag": sent.get("tag"),
            "created_at": moment,
            "updated_at": moment,
        }
        if is_ignored(request):
            return reply({"user_field": body}, 201)
        self.store.add_field(key, body)
        self.fields[key] = body
        self.writes += 1
        return reply({"user_field": body}, 201)

    async def update_many(self, request: Request) -> Response:
        """PUT /api/v2/users/update_many.json: a batch `users`, or one `user` for the query's `ids`."""
        sent = await request.json()
        if isinstance(sent, dict) and isinstance(sent.get("users"), list):
            changes = [one if isinstance(one, dict) else {} for one in sent["users"]]
        elif isinstance(sent, dict) and isinstance(sent.get("user"), dict) and "ids" in request.query_params:
            changes = [{**sent["user"], "id": one} for one in request.query_params["ids"].split(",")]
        else:
            return reply({"error": {"title": "Invalid attribute", "message": "users is missing"}}, 400)
        if len(changes) > BATCH:
            return reply(
                {"error": "TooManyValues", "description": f"At most {BATCH} users per request, {len(changes)} sent"},
                400,
            )
        results: list[Payload] = []
        received: list[str] = []
        saved: dict[str, tuple[Payload, int]] = {}
        at = max(clock.now(), self._users.newest + clock.MICROS)
        failing = failing_rows(request)
        for index, change in enumerate(changes):
            failure, key = (_FAULT, "") if index in failing else self._change(change, at, saved)
            result: Payload = {"index": index, "id": change.get("id"), "action": "update", "success": failure is None}
            if failure is None:
                received.append(key)
                result |= {"id": self._users.get(key).payload["id"], "status": "Updated"}  # type: ignore[union-attr]
            else:
                result |= {"status": "Failed", "error": failure[0], "details": failure[1]}
            results.append(result)
        job_id = secrets.token_hex(16)
        job = {
            "id": job_id,
            "job_type": "Bulk Update User",
            "url": f"{address(request)}/api/v2/job_statuses/{job_id}.json",
            "total": len(changes),
            "progress": len(changes),
            "status": "completed",
            "message": f"Completed at {clock.write(clock.now(), '%Y-%m-%d %H:%M:%S +0000')}",
            "results": results,
        }
        if is_ignored(request):
            saved, received = {}, []
        self.store.receive(received)
        self.store.save(saved, job_id, job)
        for key, (values, moment) in saved.items():
            self._apply(key, values, moment)
        self.writes += len(saved)
        queued = {"status": "queued", "progress": None, "message": None, "results": None}
        return reply({"job_status": {**job, **queued}})

    def _change(
        self, change: Payload, at: int, saved: dict[str, tuple[Payload, int]]
    ) -> tuple[tuple[str, str] | None, str]:
        key = str(change.get("id", ""))
        row = self._users.get(key)
        if row is None and change.get("external_id") is not None:
            wanted = change["external_id"]
            row = next((one for one in self._users if one.payload.get("external_id") == wanted), None)
        if row is None or row.key in self.gone or isinstance(row.payload, Raw):
            return ("NotFound", "User not found"), key
        values = change.get("user_fields")
        if not isinstance(values, dict):
            values = {}
        known = {name: value for name, value in values.items() if name in self.fields}
        for name, value in known.items():
            if not fits(self.fields[name]["type"], value):
                return ("RecordInvalid", f"{name}: is not a valid {self.fields[name]['type']}"), row.key
        before = saved[row.key][0] if row.key in saved else row.payload["user_fields"]
        after = {**before, **known}
        if after != before:
            saved[row.key] = (after, at)
        return None, row.key

    async def job_status(self, request: Request) -> Response:
        """GET /api/v2/job_statuses/{id}.json."""
        job = self.store.job(request.path_params["id"])
        if job is None:
            return reply({"error": "RecordNotFound", "description": "Not found"}, 404)
        return reply({"job_status": job})

    async def holdings(self, _: Request) -> Response:
        """For tests: the fields and, by user id, what was written, when (microseconds) and how often."""
        held = {
            key: {"user_fields": values, "updated_at": at, "writes": writes}
            for key, (values, at, writes) in self.store.users().items()
        }
        return reply({"user_fields": self.fields, "users": held, "writes": self.writes})

    async def delete(self, request: Request) -> Response:
        """DELETE /api/v2/users/{id}.json: the user is no longer active."""
        user = request.path_params["id"]
        if self._users.get(user) is None or user in self.gone:
            return reply({"error": "RecordNotFound", "description": "Not found"}, 404)
        return self._delete(request, user, for_good=False)

    async def delete_for_good(self, request: Request) -> Response:
        """DELETE /api/v2/deleted_users/{id}.json: what is left of a deleted user is scrubbed."""
        user = request.path_params["id"]
        if self.gone.get(user) is not False:
            return reply({"error": "RecordNotFound", "description": "Not found"}, 404)
        return self._delete(request, user, for_good=True)

    def _delete(self, request: Request, user: str, *, for_good: bool) -> Response:
        if not is_ignored(request):
            self.store.delete(user, for_good=for_good)
            self.gone[user] = for_good
        return reply({"user": {"id": int(user), "active": False}})

    async def deleted(self, request: Request) -> Response:
        """GET /api/v2/deleted_users/{id}.json."""
        user = request.path_params["id"]
        if user not in self.gone:
            return reply({"error": "RecordNotFound", "description": "Not found"}, 404)
        name = "Permanently Deleted User" if self.gone[user] else "Deleted user"
        return reply({"deleted_user": {"id": int(user), "active": False, "name": name}})

    def held(self) -> dict[str, Json]:
        """The types of the user fields, by user id the fields that were written, who is deleted, and the writes."""
        return {
            "user_fields": {key: field["type"] for key, field in self.fields.items()},
            "users": {key: values for key, (values, _, _) in self.store.users().items()},
            "deleted": sorted(key for key, for_good in self.gone.items() if for_good),
            "writes": {"users": self.store.received()},
        }
