"""The writes of the CRM: custom fields, and contacts in collections of up to 200.

After "Update", "Upsert", "Get" and "Delete Records Using sObject Collections" of the REST API Developer Guide, and
CustomField of the Tooling API. A record that is refused is a result of its own; `allOrNone` true is not spoken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from sandbox.vendors import clock
from sandbox.vendors.render import MILLIS_OFFSET
from sandbox.vendors.salesforce.fields import FieldError, MalformedError, check, made_field, own_fields
from sandbox.vendors.store import DocumentStore
from sandbox.vendors.stream import Json, Payload, Row, Stream
from sandbox.vendors.vendor import failing_rows, is_ignored, reply

BATCH: Final = 200
_LOCKED: Final = FieldError("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")


class Crm:
    """Contacts as they are written: kept in the store and laid over the served rows."""

    def __init__(self, store: DocumentStore, contacts: Stream) -> None:
        """Lay what was written before over the rendered contacts."""
        self._store, self._contacts = store, contacts
        self.fields = own_fields() | store.all("fields")
        for key, written in store.all("contacts").items():
            self._apply(key, written)

    def held(self) -> dict[str, Json]:
        """The types of the fields that were made, what was written to contacts, and how often."""
        contacts = {key: one["values"] for key, one in self._store.all("contacts").items()}
        made = {name: field["type"] for name, field in self._store.all("fields").items()}
        gone = sorted(key for key, one in self._store.all("contacts").items() if one["values"].get("IsDeleted"))
        kept = {key: values for key, values in contacts.items() if key not in gone}
        return {"fields": made, "contacts": kept, "deleted": gone, "writes": self._store.writes()}

    def _apply(self, key: str, written: Payload) -> None:
        moment = clock.write(written["at"], MILLIS_OFFSET)
        stamps = {"LastModifiedDate": moment, "SystemModstamp": moment}
        row = self._contacts.get(key)
        if row is None:
            blank: Payload = {name: False if one["type"] == "boolean" else None for name, one in self.fields.items()}
            fresh = {**blank, "Id": key, "CreatedDate": moment, **written["values"], **stamps}
            self._contacts.put(Row(written["at"], key, fresh))
        else:
            row.payload.update({**written["values"], **stamps})
            self._contacts.move(key, written["at"])

    async def describe(self, _: Request) -> Response:
        """GET sobjects/Contact/describe."""
        return reply({"name": "Contact", "fields": list(self.fields.values())})

    async def create_field(self, request: Request) -> Response:
        """POST tooling/sobjects/CustomField."""
        field = made_field(await request.json())
        name = field["name"]
        if name in self.fields:
            raise MalformedError("DUPLICATE_DEVELOPER_NAME", f"There is already a field named {name} on Contact.")
        with self._store.request(request):
            self._store.put("fields", name, field)
        if not is_ignored(request):
            self.fields[name] = field
        return reply({"id": f"00N{len(self.fields):012d}AAA", "success": True, "errors": []}, 201)

    async def read(self, request: Request) -> Response:
        """POST composite/sobjects/Contact: records by id, null where there is none."""
        sent = await request.json()
        names = [str(name) for name in sent.get("fields") or []]
        for name in names:
            if name not in self.fields:
                raise MalformedError("INVALID_FIELD", f"No such column '{name}' on sobject of type Contact")
        found: list[Payload | None] = []
        for key in sent.get("ids") or []:
            row = self._contacts.get(str(key))
            if row is None or row.payload.get("IsDeleted"):
                found.append(None)
            else:
                shown = {name: self._value(row, name) for name in names}
                found.append({"attributes": {"type": "Contact"}, **shown})
        return reply(found)

    def _value(self, row: Row, name: str) -> Json:
        value = self._contacts.emit(row.payload).get(name)
        return False if value is None and self.fields[name]["type"] == "boolean" else value

    async def update(self, request: Request) -> Response:
        """PATCH composite/sobjects: by id."""

        def target(record: Payload) -> tuple[str, bool]:
            key = str(record.get("Id") or record.get("id") or "")
            row = self._contacts.get(key)
            if row is None:
                raise FieldError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
            if row.payload.get("IsDeleted"):
                raise FieldError("ENTITY_IS_DELETED", "entity is deleted")
            return key, False

        return await self._write(request, target)

    async def upsert(self, request: Request) -> Response:
        """PATCH composite/sobjects/Contact/{field}: by an external id."""
        field = request.path_params["field"]
        if not self.fields.get(field, {}).get("externalId"):
            raise MalformedError(
                "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {field}"
            )

        def target(record: Payload) -> tuple[str, bool]:
            named = record.get(field)
            if named in (None, ""):
                raise FieldError("MISSING_ARGUMENT", f"{field} not specified", field)
            same = (row for row in self._contacts if row.payload.get(field) == named)
            found = next((row for row in same if not row.payload.get("IsDeleted")), None)
            if found is not None:
                return found.key, False
            if not record.get("LastName"):
                raise FieldError("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", "LastName")
            return f"003SB{sum(1 for _ in self._contacts):010d}AAA", True

        return await self._write(request, target)

    async def _write(self, request: Request, target: Callable[[Payload], tuple[str, bool]]) -> Response:
        sent = await request.json()
        records = _collection(sent.get("records") if isinstance(sent, dict) else None)
        failing = failing_rows(request)
        at = max(clock.now(), self._contacts.newest + clock.MICROS)
        results: list[Payload] = []
        with self._store.request(request):
            # A field that is not there spoils the whole request, whatever record it is in.
            for record in records:
                if isinstance(record, dict) and (record.get("attributes") or {}).get("type") == "Contact":
                    continue
                raise MalformedError("INVALID_TYPE", "Every record must have attributes with the type Contact")
            for place, record in enumerate(records):
                values = {name: value for name, value in record.items() if name not in ("attributes", "Id", "id")}
                try:
                    check(self.fields, values)
                    if place in failing:
                        raise _LOCKED
                    key, created = target(record)
                    self._save(key, values, at, apply=not is_ignored(request))
                except FieldError as refusal:
                    results.append({"success": False, "errors": [refusal.error]})
                else:
                    results.append({"id": key, "success": True, "created": created, "errors": []})
        return reply(results)

    def _save(self, key: str, values: Payload, at: int, *, apply: bool) -> None:
        before = self._store.get("contacts", key) or {"values": {}}
        written = {"values": {**before["values"], **values}, "at": at}
        self._store.put("contacts", key, written)
        if apply:
            self._apply(key, written)

    async def delete(self, request: Request) -> Response:
        """DELETE composite/sobjects?ids=: to the recycle bin."""
        ids = _collection([one for one in request.query_params.get("ids", "").split(",") if one])
        results: list[Payload] = []
        at = max(clock.now(), self._contacts.newest + clock.MICROS)
        with self._store.request(request):
            for key in ids:
                row = self._contacts.get(key)
                if row is None or row.payload.get("IsDeleted"):
                    error = FieldError("ENTITY_IS_DELETED", "entity is deleted").error
                    results.append({"id": key, "success": False, "errors": [error]})
                    continue
                self._save(key, {"IsDeleted": True}, at, apply=not is_ignored(request))
                results.append({"id": key, "success": True, "errors": []})
        return reply(results)


def _collection(records: Json) -> list[Json]:
    if not isinstance(records, list) or not records:
        raise MalformedError("INVALID_ARGUMENT", "records is required")
    if len(records) > BATCH:
        raise MalformedError(
            "EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {BATCH} records in this request"
        )
    return records
