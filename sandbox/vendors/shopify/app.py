"""The Shopify look-alike.

After shopify.dev: "GraphQL Admin API reference" (endpoint, X-Shopify-Access-Token, status and error codes),
"Pagination", "API rate limits" (calculated cost, `extensions.cost`, THROTTLED with status 200), "API versioning".
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.vendors.limits import Bucket
from sandbox.vendors.shopify import cost, payloads, schema, search
from sandbox.vendors.shopify.projection import Compiler, GraphqlRefusal, Reader, connection, named_kind, project
from sandbox.vendors.shopify.refusals import described, throttled, too_expensive
from sandbox.vendors.stream import Patch, Payload, Row, Stream
from sandbox.vendors.vendor import Vendor, page_token, read_token, reply
from sandbox.world import World

ACCESS_TOKEN: Final = "shpat_sandbox"
_STREAMS: Final = {
    "customers": "customers",
    "orders": "orders",
    "abandonedCheckouts": "abandoned_checkouts",
    "products": "products",
}
_KINDS: Final = {
    "Customer": "customers",
    "Order": "orders",
    "Return": "returns",
    "AbandonedCheckout": "abandoned_checkouts",
    "Product": "products",
}
_SHOP: Final = {
    "id": "gid://shopify/Shop/1",
    "name": "Sandbox Retailer",
    "myshopifyDomain": "sandbox.myshopify.com",
    "currencyCode": "USD",
    "ianaTimezone": "America/New_York",
}

Place = tuple[Any, ...]


class _Invalid(Exception):
    """A query that the schema does not allow."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


@dataclass(frozen=True)
class _Listing:
    version: int
    keyed: list[tuple[Place, Row]]
    warnings: list[Payload]


class Shopify(Vendor):
    """The retailer's shop."""

    name = "shopify"

    def __init__(self, world: World) -> None:
        """Render the shop of that world."""
        self.streams: dict[str, Stream] = payloads.streams(world)
        # Twice the restore rate of Shopify's largest plan, so that only a test ever waits.
        self.bucket = Bucket(80_000, 4000)
        self._schema = schema.build()
        self._checked: dict[str, DocumentNode] = {}
        self._listings: dict[tuple[str, ...], _Listing] = {}

    def routes(self) -> list[BaseRoute]:
        """The one GraphQL endpoint, for any version."""
        return [Route("/admin/api/{version}/graphql.json", self._answer, methods=["POST"])]

    def failure(self, status: int, retry_after: int | None = None) -> Response:
        """`errors` as text; Retry-After with 429."""
        words = {
            401: "[API] Invalid API key or access token (unrecognized login or wrong password)",
            403: "[API] This action requires merchant approval for the read scope.",
            404: "Not Found",
            429: "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.",
            500: "Internal Server Error",
            503: "Service Unavailable",
        }
        headers = {} if retry_after is None else {"Retry-After": f"{retry_after}.0"}
        return reply({"errors": words.get(status, "Error")}, status, headers)

    def environment(self, url: str) -> dict[str, str]:
        """URL and access token."""
        return {"BRAID_SHOPIFY__URL": url, "BRAID_SHOPIFY__ACCESS_TOKEN": ACCESS_TOKEN}

    async def _answer(self, request: Request) -> Response:
        if request.headers.get("x-shopify-access-token") != ACCESS_TOKEN:
            return self.failure(401)
        version = request.path_params["version"]
        if not re.fullmatch(r"20\d\d-(01|04|07|10)|unstable", version):
            return self.failure(404)
        try:
            sent = await request.json()
            text, variables = sent["query"], sent.get("variables") or {}
        except (ValueError, KeyError, TypeError):
            return reply({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        headers = {"X-Shopify-API-Version": version}
        try:
            body = self._execute(str(text), variables, sent.get("operationName"))
        except GraphqlRefusal as error:
            body = {"errors": [{"message": error.message, "extensions": {"code": error.code}}]}
        return reply(body, headers=headers)

    def _execute(self, text: str, variables: Payload, operation_name: str | None) -> Payload:
        try:
            document = self._document(text)
        except GraphQLSyntaxError as error:
            return {"errors": [described(error)]}
        except _Invalid as invalid:
            return {"errors": [described(error) for error in invalid.errors]}
        operation = get_operation_ast(document, operation_name)
        if not isinstance(operation, OperationDefinitionNode):
            raise GraphqlRefusal("An operation name is required")
        if operation.operation is not OperationType.QUERY:
            raise GraphqlRefusal("The look-alike has no mutations")
        coerced = get_variable_values(self._schema, operation.variable_definitions, variables)
        if isinstance(coerced, list):
            return {"errors": [described(error) for error in coerced]}
        fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
        readers = Compiler(self._schema, fragments, coerced).compile(
            self._schema.query_type,  # type: ignore[arg-type]
            operation.selection_set,
        )
        return self._charged(readers)

    def _document(self, text: str) -> DocumentNode:
        """The parsed and valid query; a client sends the same few texts for every page."""
        if text not in self._checked:
            document = parse(text)
            errors = validate(self._schema, document)
            if errors:
                raise _Invalid(errors)
            self._checked[text] = document
        return self._checked[text]

    def _charged(self, readers: tuple[Reader, ...]) -> Payload:
        asked = cost.requested(readers)
        if asked > cost.LARGEST:
            return {"errors": [too_expensive(asked)]}
        if not self.bucket.take(asked):
            return {"errors": [throttled()], "extensions": {"cost": self._cost(asked, None)}}
        data: Payload = {}
        warnings: list[Payload] = []
        for reader in readers:
            if reader.field in _STREAMS:
                data[reader.key] = self._connection(reader, warnings)
            elif reader.field == "node":
                data[reader.key] = project(self._node(reader.arguments["id"]), reader.selection or (), self._patch)
            else:
                held = {"shop": _SHOP, "__typename": "QueryRoot"}[reader.field]
                data[reader.key] = project(held, reader.selection, _unpatched) if reader.selection else held
        spent = cost.actual(data, readers)
        self.bucket.give_back(asked - spent)
        extensions: Payload = {"cost": self._cost(asked, spent)}
        if warnings:
            extensions["search"] = warnings
        return {"data": data, "extensions": extensions}

    def _cost(self, asked: int, spent: int | None) -> Payload:
        status = {
            "maximumAvailable": float(self.bucket.capacity),
            "currentlyAvailable": int(self.bucket.available),
            "restoreRate": float(self.bucket.per_second),
        }
        return {"requestedQueryCost": asked, "actualQueryCost": spent, "throttleStatus": status}

    def _patch(self, payload: Payload) -> Patch | None:
        for stream in self.streams.values():
            if stream.patches and (patch := stream.patches.get(id(payload))) is not None:
                return patch
        return None

    def _node(self, sent: str) -> Payload | None:
        """The object of that global id, None when there is none (any more)."""
        stream = _KINDS.get(named_kind(sent))
        row = self.streams[stream].get(sent.rpartition("/")[2].partition("?")[0]) if stream else None
        return None if row is None else row.payload

    def _listing(self, field: str, text: str, sort: str, stream: Stream) -> _Listing:
        """The rows that a search finds, in order; kept from page to page until a row changes."""
        kept = self._listings.get((field, text, sort))
        if kept is None or kept.version != stream.version:
            test, complaints = search.parse(text, search.FIELDS[field])
            found = [row for row in stream if test(row)] if text else list(stream)
            kept = _Listing(stream.version, _sorted(found, sort), complaints)
            self._listings[(field, text, sort)] = kept
        return kept

    def _connection(self, reader: Reader, warnings: list[Payload]) -> Payload:
        stream, arguments = self.streams[_STREAMS[reader.field]], reader.arguments
        text, reverse = arguments.get("query") or "", bool(arguments.get("reverse"))
        sort = str(arguments.get("sortKey") or "ID")
        listing = self._listing(reader.field, text, sort, stream)
        if listing.warnings:
            warnings.append({"path": [reader.key], "query": text, "warnings": listing.warnings})
        keyed = listing.keyed[::-1] if reverse else listing.keyed
        start = 0
        if arguments.get("after") is not None:
            start = _place(keyed, arguments["after"], sort, reverse)
        earlier = start > 0
        first = arguments.get("first")
        if first is None:
            raise GraphqlRefusal("The look-alike pages forwards only: use `first`")
        page = keyed[start : start + first]
        more = start + first < len(keyed)
        cursors = [(page_token(sort, *place), row.payload) for place, row in page]
        patched = any(one.patches for one in self.streams.values())
        return connection(cursors, reader, self._patch if patched else _unpatched, more=more, earlier=earlier)


def _unpatched(_: Payload) -> None:
    return None


def _sorted(rows: list[Row], sort: str) -> list[tuple[Place, Row]]:
    if sort == "UPDATED_AT":
        return [((row.at, row.key), row) for row in rows]
    return sorted(((_sort_value(row, sort), row) for row in rows), key=lambda pair: pair[0])


def _sort_value(row: Row, sort: str) -> Place:
    if sort in {"CREATED_AT", "PROCESSED_AT"}:
        field = sort.lower()
        moment = search.field_value(row, field)
        if moment is None and field == "processed_at":
            moment = search.field_value(row, "created_at")
        return (moment if isinstance(moment, int) else row.at, row.key)
    return (int(row.key) if row.key.isdigit() else 0, row.key)


def _place(keyed: list[tuple[Place, Row]], cursor: str, sort: str, reverse: bool) -> int:
    """Where the page after a cursor starts, even if the row of the cursor has moved since."""
    parts = read_token(cursor)
    if parts is None or len(parts) != 3 or parts[0] != sort:
        raise GraphqlRefusal("Invalid cursor for current pagination sort.")
    last = tuple(parts[1:])
    if reverse:
        return bisect_left(keyed, True, key=lambda pair: pair[0] < last)
    return bisect_right(keyed, last, key=lambda pair: pair[0])
