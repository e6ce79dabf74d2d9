"""Shopify: customers, orders, abandoned checkouts, returns and products, over the Admin GraphQL API.

Returns have no listing of their own there: they come with their order, and a change of a return moves the order's
`updatedAt`, which is the cursor of both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import dlt
from dlt.extract import DltResource
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from orchestration.settings import ShopifySettings
from orchestration.sources.client import PATIENT, Fault, Patience, Vendor, dig
from orchestration.sources.rows import Row, into, raw_rows, stream
from orchestration.sources.shopify_queries import LISTINGS, listing, rest_of

_REST_PAGE: Final = 100
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
        for nodes in self._pages(name, since):
            yield raw_rows(nodes, native_id=number, cursor=_updated_at)

    def orders(self, since: str | None) -> Iterator[Any]:
        """Pages of raw orders, each followed by the returns of its orders."""
        for nodes in self._pages("orders", since):
            for node in nodes:
                self._complete(node)
            yield raw_rows(nodes, native_id=number, cursor=_updated_at)
            returns = [flat for node in nodes for flat in returns_of(node)]
            if returns:
                rows = raw_rows([flat for flat, _ in returns], native_id=number, cursor=lambda _: None)
                yield into("returns", [{**row, "cursor_value": at} for row, (_, at) in zip(rows, returns, strict=True)])

    def _pages(self, name: str, since: str | None) -> Iterator[list[Any]]:
        root, _, _, size = LISTINGS[name]
        search = f"updated_at:>='{since}Z'" if since else None
        variables = {"first": size, "after": None, "query": search}
        for page in self._ask(name, listing(name), variables, f"data.{root}"):
            yield list(page)

    def _ask(self, name: str, query: str, variables: dict[str, Any], connection: str) -> Iterator[Any]:
        return self._vendor.pages(
            name,
            self._path,
            method="POST",
            records=f"{connection}.nodes",
            paginator=JSONResponseCursorPaginator(
                cursor_path=f"{connection}.pageInfo.endCursor",
                cursor_body_path="variables.after",
                has_more_path=f"{connection}.pageInfo.hasNextPage",
            ),
            body={"query": query, "variables": variables},
        )

    def _complete(self, order: Any) -> None:
        """Fetch what did not fit the first page of the lists inside an order, so that no line is lost."""
        for connection in ("lineItems", "returns"):
            info = dig(order, f"{connection}.pageInfo")
            if not isinstance(info, dict) or info.get("hasNextPage") is not True or number(order) is None:
                continue
            variables = {"first": _REST_PAGE, "after": info.get("endCursor"), "query": f"id:{number(order)}"}
            for page in self._ask("orders", rest_of(connection), variables, f"data.orders.nodes.[0].{connection}"):
                order[connection]["nodes"].extend(page)
            order[connection]["pageInfo"] = {"hasNextPage": False, "endCursor": None}


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
