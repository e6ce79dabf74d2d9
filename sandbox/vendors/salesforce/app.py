"""The Salesforce look-alike.

After the REST API Developer Guide: "Query", "QueryAll", "Query More Results", "Status Codes and Error Responses", and
"OAuth 2.0 Client Credentials Flow". A page holds up to 2,000 records, or `Sforce-Query-Options: batchSize=n` (200 to
2,000). A spent allowance is answered with 403 REQUEST_LIMIT_EXCEEDED; Salesforce sends no Retry-After.
"""

from __future__ import annotations

import re
import secrets
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.vendors import clock
from sandbox.vendors.limits import Bucket
from sandbox.vendors.salesforce import payloads, soql
from sandbox.vendors.salesforce.fields import MalformedError
from sandbox.vendors.salesforce.writes import Crm
from sandbox.vendors.store import DocumentStore
from sandbox.vendors.stream import Json, Payload, Raw, Row, Stream
from sandbox.vendors.vendor import Endpoint, Vendor, address, reply
from sandbox.world import World

CLIENT_ID: Final = "3MVG9sandbox"
CLIENT_SECRET: Final = "salesforce-sandbox-secret"
PAGE: Final = 2000

_FAILURES: Final = {
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    404: ("NOT_FOUND", "The requested resource does not exist"),
    429: ("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
    500: ("UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact support"),
    503: ("SERVER_UNAVAILABLE", "The server is temporarily unavailable"),
}


def _error(status: int, code: str, message: str, **headers: str) -> Response:
    return reply([{"message": message, "errorCode": code}], status, headers)


class Salesforce(Vendor):
    """The retailer's CRM."""

    name = "salesforce"

    def __init__(self, world: World, state: Path) -> None:
        """Render the CRM of that world; what was written to it before is read from `state`."""
        self.streams: dict[str, Stream] = payloads.streams(world)
        self._store = DocumentStore(state / "salesforce.sqlite")
        self.crm = Crm(self._store, self.streams["contacts"])
        self.bucket = Bucket(100_000, 1000)
        self._sessions: set[str] = set()
        self._pages: dict[str, tuple[soql.Query, str, list[Row]]] = {}

    def close(self) -> None:
        """Close the file of what was written."""
        self._store.close()

    def held(self) -> dict[str, Json]:
        """Custom fields, what was written to contacts by id, and the ids of deleted ones."""
        return self.crm.held()

    def routes(self) -> list[BaseRoute]:
        """Token, query, queryAll and their further pages; describe, custom fields and collections of contacts."""
        base = "/services/data/{version}"
        collections = f"{base}/composite/sobjects"
        writes: list[tuple[str, str, Endpoint]] = [
            ("GET", f"{base}/sobjects/Contact/describe", self.crm.describe),
            ("POST", f"{base}/tooling/sobjects/CustomField", self.crm.create_field),
            ("POST", f"{collections}/Contact", self.crm.read),
            ("PATCH", f"{collections}/Contact/{{field}}", self.crm.upsert),
            ("PATCH", collections, self.crm.update),
            ("DELETE", collections, self.crm.delete),
        ]
        return [
            *(Route(path, self._guarded(endpoint), methods=[method]) for method, path, endpoint in writes),
            Route("/services/oauth2/token", self._token, methods=["POST"]),
            Route(f"{base}/query", partial(self._query, False)),
            Route(f"{base}/queryAll", partial(self._query, True)),
            Route(f"{base}/query/{{locator}}", self._more),
            Route(f"{base}/queryAll/{{locator}}", self._more),
        ]

    def failure(self, status: int, retry_after: int | None = None) -> Response:
        """An array with one message and errorCode."""
        code, message = _FAILURES.get(status, ("UNKNOWN_EXCEPTION", "An unexpected error occurred"))
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return _error(status, code, message, **headers)

    def environment(self, url: str) -> dict[str, str]:
        """URL, client id and secret."""
        return {
            "BRAID_SALESFORCE__URL": url,
            "BRAID_SALESFORCE__CLIENT_ID": CLIENT_ID,
            "BRAID_SALESFORCE__CLIENT_SECRET": CLIENT_SECRET,
        }

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if form.get("grant_type") != "client_credentials":
            return reply({"error": "unsupported_grant_type", "error_description": "grant type not supported"}, 400)
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return reply({"error": "invalid_client", "error_description": "invalid client credentials"}, 400)
        token = f"00Dsandbox!{secrets.token_urlsafe(32)}"
        self._sessions.add(token)
        instance = address(request)
        return reply(
            {
                "access_token": token,
                "signature": secrets.token_urlsafe(32),
                "scope": "api",
                "instance_url": instance,
                "id": f"{instance}/id/00Dsandbox/005sandbox",
                "token_type": "Bearer",
                "issued_at": str(clock.now() // 1000),
            }
        )

    def _refused(self, request: Request) -> Response | None:
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self._sessions:
            return self.failure(401)
        if not re.fullmatch(r"v\d\d\.0", request.path_params["version"]):
            return self.failure(404)
        return None if self.bucket.take() else self.failure(403)

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def answer(request: Request) -> Response:
            if (refusal := self._refused(request)) is not None:
                return refusal
            try:
                return await endpoint(request)
            except MalformedError as error:
                return _error(400, error.code, error.message)
            except ValueError:
                return _error(400, "JSON_PARSER_ERROR", "The request body cannot be read")

        return answer

    def _fields(self, entity: str) -> tuple[str, ...]:
        """What a query of an object may name."""
        return tuple(self.crm.fields) if entity == "Contact" else payloads.FIELDS[entity]

    async def _query(self, deleted: bool, request: Request) -> Response:
        if (refusal := self._refused(request)) is not None:
            return refusal
        text = request.query_params.get("q", "")
        try:
            query = soql.parse(text)
            entity = self._checked(query, text)
        except soql.SoqlError as error:
            return _error(400, error.code, error.message)
        rows = self._select(query, entity, deleted)
        if not query.fields:
            return reply({"totalSize": len(rows), "done": True, "records": []})
        return self._page(request, query, entity, rows, 0)

    def _checked(self, query: soql.Query, text: str) -> str:
        entity = next((name for name in payloads.STREAMS if name.lower() == query.entity.lower()), None)
        if entity is None:
            raise soql.SoqlError(
                "INVALID_TYPE",
                f"\n{text}\nERROR at Row:1:Column:{text.find(query.entity) + 1}\n"
                f"sObject type '{query.entity}' is not supported. If you are attempting to use a custom object, be "
                "sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for "
                "the appropriate names.",
            )
        known = {name.lower() for name in self._fields(entity)}
        for field in (*query.fields, *query.named):
            if field.lower() not in known:
                raise soql.SoqlError(
                    "INVALID_FIELD",
                    f"\n{text}\nERROR at Row:1:Column:{text.find(field) + 1}\nNo such column '{field}' on entity "
                    f"'{entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the "
                    "custom field name. Please reference your WSDL or the describe call for the appropriate names.",
                )
        return entity

    def _select(self, query: soql.Query, entity: str, deleted: bool) -> list[Row]:
        stream = self.streams[payloads.STREAMS[entity]]
        names = {name.lower(): name for name in self._fields(entity)}

        def value(row: Row, field: str) -> Json:
            name = names[field.lower()]
            # A row that a test made may hold no usable time or id: where it stands in the stream counts.
            if name == "SystemModstamp":
                return row.at // 1000 * 1000
            return soql.comparable(stream.emit(row.payload).get(name, row.key if name == "Id" else None))

        chosen = [row for row in stream if deleted or stream.emit(row.payload).get("IsDeleted") is not True]
        if query.where is not None:
            where = query.where
            chosen = [row for row in chosen if where(partial(value, row))]
        for sort in reversed(query.order):
            keyed = [(value(row, sort.field), row) for row in chosen]
            present = sorted(
                (pair for pair in keyed if pair[0] is not None),
                key=lambda pair: (str(type(pair[0])), pair[0]),
                reverse=sort.descending,
            )
            absent = [row for found, row in keyed if found is None]
            ordered = [row for _, row in present]
            chosen = [*ordered, *absent] if sort.nulls_last else [*absent, *ordered]
        end = None if query.limit is None else query.offset + query.limit
        return chosen[query.offset : end]

    def _page(self, request: Request, query: soql.Query, entity: str, rows: list[Row], start: int) -> Response:
        stated = re.search(r"batchSize=(\d+)", request.headers.get("sforce-query-options", ""))
        size = min(PAGE, max(200, int(stated.group(1)))) if stated else PAGE
        version = request.path_params["version"]
        body: dict[str, Any] = {"totalSize": len(rows), "done": start + size >= len(rows)}
        if not body["done"]:
            locator = request.path_params.get("locator", "").split("-")[0] or f"01g{secrets.token_hex(8)}"
            self._pages[locator] = (query, entity, rows)
            body["nextRecordsUrl"] = f"/services/data/{version}/query/{locator}-{start + size}"
        names = {name.lower(): name for name in self._fields(entity)}
        fields = [names[field.lower()] for field in query.fields]
        body["records"] = [self._record(entity, version, fields, row) for row in rows[start : start + size]]
        return reply(body)

    def _record(self, entity: str, version: str, fields: list[str], row: Row) -> Payload:
        if isinstance(row.payload, Raw):
            return self.streams[payloads.STREAMS[entity]].emit(row.payload)
        url = f"/services/data/{version}/sobjects/{entity}/{row.key}"
        record: Payload = {"attributes": {"type": entity, "url": url}}
        record.update({field: row.payload.get(field) for field in fields})
        patch = self.streams[payloads.STREAMS[entity]].patches.get(id(row.payload))
        return record if patch is None else patch.apply(record)

    async def _more(self, request: Request) -> Response:
        if (refusal := self._refused(request)) is not None:
            return refusal
        locator, _, start = request.path_params["locator"].rpartition("-")
        if locator not in self._pages or not start.isdigit():
            return _error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        request.path_params["locator"] = f"{locator}-{start}"
        query, entity, rows = self._pages[locator]
        return self._page(request, query, entity, rows, int(start))
