"""Profiles of the look-alike: found by what identifies them, created and updated, deleted for privacy."""

from __future__ import annotations

import re
import secrets
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from sandbox.vendors.klaviyo.documents import KlaviyoError, collection, filtered, profile_resource
from sandbox.vendors.store import DocumentStore
from sandbox.vendors.stream import Json, Payload
from sandbox.vendors.vendor import reply

IDENTIFIERS: Final = ("email", "phone_number", "external_id")
_OWN: Final = (*IDENTIFIERS, "first_name", "last_name", "organization", "locale", "title", "image")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]{2,}")
_PHONE: Final = re.compile(r"\+[1-9]\d{6,14}")


def problem(attributes: Payload, at: str) -> KlaviyoError | None:
    """What is wrong with the attributes of a profile that was sent."""
    if not any(attributes.get(name) for name in IDENTIFIERS) and "id" not in attributes:
        return KlaviyoError(400, "invalid", "One of 'email', 'phone_number', 'external_id' or 'id' must be given", at)
    email, phone = attributes.get("email"), attributes.get("phone_number")
    if email is not None and (not isinstance(email, str) or not _EMAIL.fullmatch(email)):
        return KlaviyoError(400, "invalid", f"Invalid email address: {email}", f"{at}/email")
    if phone is not None and (not isinstance(phone, str) or not _PHONE.fullmatch(phone)):
        return KlaviyoError(400, "invalid", f"Invalid phone number format: {phone}", f"{at}/phone_number")
    for name, value in attributes.items():
        if name in _OWN and value is not None and not isinstance(value, str):
            return KlaviyoError(400, "invalid", f"'{name}' must be a string", f"{at}/{name}")
    unknown = set(attributes) - {*_OWN, "id", "location", "properties"}
    if unknown:
        return KlaviyoError(400, "invalid", f"'{min(unknown)}' is not a valid field for the resource 'profile'.", at)
    return None


class Profiles:
    """Reads and writes of profiles."""

    def __init__(self, store: DocumentStore) -> None:
        """Keep them in that store."""
        self._store = store
        for name in IDENTIFIERS:
            store.index(name)

    def find(self, attributes: Payload) -> str | None:
        """The id of the profile that one of the identifiers names."""
        for name in ("external_id", "email", "phone_number"):
            value = attributes.get(name)
            if value and (found := self._store.find("profiles", name, _folded(name, value))):
                return found[0][0]
        return None

    def upsert(
        self, attributes: Payload, profile_id: str | None, *, clears: bool, unset: Json = ()
    ) -> tuple[str, bool]:
        """Write a profile; its id, and whether it is new.

        Raises:
            KlaviyoError: if there is no such id, or an identifier is another profile's.
        """
        known = profile_id or self.find(attributes)
        before = None if known is None else self._store.get("profiles", known)
        if profile_id is not None and before is None:
            raise KlaviyoError(404, "not_found", f"A profile with id {profile_id} does not exist.")
        for name in IDENTIFIERS:
            value = attributes.get(name)
            others = [key for key, _ in self._store.find("profiles", name, _folded(name, value))] if value else []
            if known is not None and any(key != known for key in others):
                detail = "A profile already exists with one of these identifiers."
                raise KlaviyoError(409, "duplicate_profile", detail, duplicate_profile_id=others[0])
        after = _merged(before or {}, attributes, clears=clears)
        for name in unset:
            after["properties"].pop(name, None)
        key = known or f"01{secrets.token_hex(12).upper()}"
        self._store.put("profiles", key, after)
        return key, before is None

    async def list(self, request: Request) -> Response:
        """GET /api/profiles."""
        if "filter" not in request.query_params:
            found = list(self._store.all("profiles").items())
        else:
            field, values = filtered(request.query_params["filter"], "id", *IDENTIFIERS)
            if field == "id":
                found = [(key, body) for key in values if (body := self._store.get("profiles", key)) is not None]
            else:
                found = self._store.find("profiles", field, *(_folded(field, one) for one in values))
        return collection(request, [profile_resource(key, body) for key, body in found])

    async def show(self, request: Request) -> Response:
        """GET /api/profiles/{id}."""
        key = request.path_params["id"]
        body = self._store.get("profiles", key)
        if body is None:
            raise KlaviyoError(404, "not_found", f"A profile with id {key} does not exist.")
        return reply({"data": profile_resource(key, body)})

    async def import_one(self, request: Request) -> Response:
        """POST /api/profile-import: create or update; a null empties, `patch_properties.unset` removes properties."""
        data = (await request.json()).get("data")
        if not isinstance(data, dict) or data.get("type") != "profile" or not isinstance(data.get("attributes"), dict):
            raise KlaviyoError(400, "invalid", "The payload provided in the request is invalid.")
        attributes, named = data["attributes"], data.get("id")
        wrong = problem({**attributes, **({"id": named} if named else {})}, "/data/attributes")
        if wrong is not None:
            raise wrong
        unset = ((data.get("meta") or {}).get("patch_properties") or {}).get("unset") or []
        with self._store.request(request):
            key, new = self.upsert(attributes, named, clears=True, unset=unset)
            written = self._store.get("profiles", key) or {}
        return reply({"data": profile_resource(key, written)}, 201 if new else 200)

    async def request_deletion(self, request: Request) -> Response:
        """POST /api/data-privacy-deletion-jobs: by exactly one identifier. The real one takes its time."""
        data = (await request.json()).get("data") or {}
        profile = ((data.get("attributes") or {}).get("profile") or {}).get("data") or {}
        named = {**(profile.get("attributes") or {}), **({"id": profile["id"]} if profile.get("id") else {})}
        if data.get("type") != "data-privacy-deletion-job" or len(named) != 1:
            raise KlaviyoError(400, "invalid", "Exactly one of 'email', 'phone_number' or 'id' must be provided.")
        key = named.get("id") or self.find(named)
        with self._store.request(request):
            if key is not None and self._store.delete("profiles", key):
                for membership in [one for one in self._store.all("memberships") if one.endswith(f":{key}")]:
                    self._store.delete("memberships", membership)
        return Response(status_code=202)


def _folded(name: str, value: Any) -> str:
    return str(value).lower() if name == "email" else str(value)


def _merged(before: Payload, attributes: Payload, *, clears: bool) -> Payload:
    """A profile with what was sent laid over it; without `clears` a null changes nothing."""

    def kept(given: Payload) -> Payload:
        return {name: value for name, value in given.items() if value is not None or clears}

    after = {**before, **kept({name: value for name, value in attributes.items() if name in _OWN})}
    for name in ("location", "properties"):
        after[name] = {**before.get(name, {}), **kept(attributes.get(name) or {})}
    if after.get("email"):
        after["email"] = _folded("email", after["email"])
    return after
