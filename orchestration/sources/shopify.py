"""Shopify: customers, orders, abandoned checkouts, returns and products, over the Admin GraphQL API.

Returns have no listing of their own there: they come with their order, and a change of a return moves the order's
`updatedAt`, which is the cursor of both.

The lists inside an object come with it up to their first page; where that was not all, the rest is fetched object by
object. A list that Shopify cuts short all the same marks its row (`ingest_error`), so that staging quarantines it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import dlt
from dlt.extract import DltResource
from dlt.sources.helpers.rest_client.client import PageData
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from orchestration.settings import ShopifySettings
from orchestration.sources.client import PATIENT, Fault, Patience, Vendor, dig
from orchestration.sources.errors import VendorError
from orchestration.sources.rows import Row, into, raw_rows, stream
from orchestration.sources.shopify_queries import (
    LISTINGS,
    ORDER,
    REST_PAGE,
    RETURN,
    Kind,
    Nested,
    listing,
    rest_of,
)

_ASK_AGAIN: Final = {"THROTTLED", "INTERNAL_SERVER_ERROR", "TIMEOUT"}


@dlt.source
def shopify(settings: ShopifySettings, patience: Patience = PATIENT) -> Sequence[DltResource]:
    """One resource per listing of Shopify, each incremental on `updatedAt`; `orders` also fills `returns`."""
    shop = Shop(settings, patience)
    return [
        stream(name, shop.orders if name == "orders" else lambda since, name=name: shop.rows(name, since))  # type: ignore[misc]
        for name in LISTINGS
    ]


class Shop:
    """The Admin API of one shop."""

    def __init__(self, settings: ShopifySettings, patience: Patience) -> None:
        """Prepare a client; nothing is sent yet."""
        self._path = f"/admin/api/{settings.api_version}/graphql.json"
        token = settings.access_token.get_secret_value()
        self._vendor = Vendor(settings.url, read_fault, patience, {"X-Shopify-Access-Token": token})

    def rows(self, name: str, since: str | None) -> Iterator[list[Row]]:
        """Pages of raw rows of a stream."""
        for nodes in self._listed(name, since):
            yield rows_of(nodes, LISTINGS[name].of)

    def orders(self, since: str | None) -> Iterator[Any]:
        """Pages of raw orders, each followed by the returns of its orders."""
        for nodes in self._listed("orders", since):
            yield rows_of(nodes, ORDER)
            returns = [flat for node in nodes for flat in returns_of(node)]
            if returns:
                rows = rows_of([flat for flat, _ in returns], RETURN)
                yield into("returns", [{**row, "cursor_value": at} for row, (_, at) in zip(rows, returns, strict=True)])

    def _listed(self, name: str, since: str | None) -> Iterator[list[Any]]:
        """Pages of a listing, each object with the whole of the lists inside it."""
        asked = LISTINGS[name]
        search = f"updated_at:>='{since}Z'" if since else None
        variables = {"first": asked.size, "after": None, "query": search}
        page = None
        for page in self._pages(name, listing(name), variables, f"data.{asked.root}"):
            for node in page:
                self._complete(name, node, asked.of)
            yield list(page)
        if page is not None and _info(page, f"data.{asked.root}").get("hasNextPage") is not False:
            message = "the answer does not say that it is the last, and gives no new cursor to go on from"
            raise VendorError(page.response, stream=name, code=None, message=message, retry=False)

    def _complete(self, stream: str, node: Any, kind: Kind) -> None:
        """Fetch what did not fit the first page of the lists inside an object, and inside their elements."""
        for nested in kind.lists:
            if _is_cut(node, nested):
                self._fetch_rest(stream, node, kind, nested)
            inner = dig(node, f"{nested.field}.nodes") if nested.of.lists else None
            for element in inner if isinstance(inner, list) else ():
                self._complete(stream, element, nested.of)

    def _fetch_rest(self, stream: str, node: Any, kind: Kind, nested: Nested) -> None:
        """Extend a list to its end, as far as Shopify gives it; how far that was stays in its `pageInfo`."""
        gid, held = node.get("id"), node[nested.field]
        after = held["pageInfo"].get("endCursor")
        # An id that is none of this type would be an error of the whole query, and a row must not stop a load.
        named = isinstance(gid, str) and gid.startswith(f"gid://shopify/{kind.name}/")
        if not named or not after or not isinstance(held.get("nodes"), list):
            return
        place = f"data.node.{nested.field}"
        variables = {"id": gid, "first": REST_PAGE, "after": after}
        # `node` is null when the object was deleted since it was listed.
        for page in self._pages(stream, rest_of(kind, nested), variables, place, may_be_absent=True):
            held["nodes"].extend(page)
            held["pageInfo"] = _info(page, place) or held["pageInfo"]

    def _pages(
        self, stream: str, query: str, variables: dict[str, Any], place: str, *, may_be_absent: bool = False
    ) -> Iterator[PageData[Any]]:
        """The pages of the connection at a place of the answers, until no more follow or none can be asked for."""
        after = variables["after"]
        for page in self._vendor.pages(
            stream,
            self._path,
            method="POST",
            records=f"{place}.nodes",
            may_be_absent=may_be_absent,
            paginator=JSONResponseCursorPaginator(
                cursor_path=f"{place}.pageInfo.endCursor", cursor_body_path="variables.after"
            ),
            body={"query": query, "variables": variables},
        ):
            yield page
            info = _info(page, place)
            if info.get("hasNextPage") is not True or info.get("endCursor") == after:
                return
            after = info.get("endCursor")


def rows_of(nodes: list[Any], kind: Kind) -> list[Row]:
    """Raw rows of objects; one that holds only a part of a list says so in `ingest_error`."""
    rows = raw_rows(nodes, native_id=number, cursor=_updated_at)
    for row in rows:
        cut = [nested.field for nested in kind.lists if _is_cut(row["payload"], nested)]
        if cut and row["ingest_error"] is None:
            row["ingest_error"] = f"{', '.join(cut)}: Shopify says that more follow, and does not give them"
    return rows


def _is_cut(node: Any, nested: Nested) -> bool:
    return dig(node, f"{nested.field}.pageInfo.hasNextPage") is True


def _info(page: PageData[Any], place: str) -> dict[str, Any]:
    info = dig(page.response.json(), f"{place}.pageInfo")
    return info if isinstance(info, dict) else {}


def number(node: dict[str, Any]) -> object:
    """The numeric id of a node: `legacyResourceId`, else the number at the end of its gid."""
    found = node.get("legacyResourceId")
    if found is not None:
        return found
    gid = node.get("id")
    return gid.rpartition("/")[2].partition("?")[0] if isinstance(gid, str) else gid


def returns_of(order: Any) -> list[tuple[Any, str | None]]:
    """The returns of an order, each with the order it belongs to, and the order's `updatedAt`."""
    nodes = dig(order, "returns.nodes")
    if not isinstance(nodes, list):
        return []
    parent = {"id": order.get("id"), "legacyResourceId": order.get("legacyResourceId")}
    at = _updated_at(order)
    return [({**node, "order": parent} if isinstance(node, dict) else node, at) for node in nodes]


def _updated_at(node: dict[str, Any]) -> Any:
    return node.get("updatedAt")


def read_fault(status: int, body: Any) -> Fault | None:
    """Shopify says most errors in a 200, in `errors`; a plain error status may carry `errors` as text."""
    errors = body.get("errors") if isinstance(body, dict) else None
    if isinstance(errors, list) and errors:
        first = errors[0] if isinstance(errors[0], dict) else {"message": str(errors[0])}
        code = dig(first, "extensions.code")
        return Fault(code, first.get("message"), retry=code in _ASK_AGAIN)
    if errors:
        return Fault(None, str(errors))
    return Fault() if status >= 400 else None
