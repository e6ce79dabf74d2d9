"""Lists inside Shopify's objects come whole, however long they are, over HTTP from the look-alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from orchestration.settings import Settings
from orchestration.sources.client import Patience
from orchestration.sources.errors import SourceError
from orchestration.sources.load import load
from orchestration.sources.shopify_queries import LISTINGS
from orchestration.warehouse import Warehouse
from sandbox.generator import generate
from sandbox.serve import Sandbox, serve
from sandbox.vendors.stream import Payload, Row, Stream

HASTE = Patience(attempts=3, backoff=0.01, longest_wait=1, timeout=5)
LATER = "2026-11-02T00:00:00Z"

LISTS = [
    # stream of the look-alike, where the list is in its objects, a size beyond its first page and one of the rest
    ("orders", "lineItems", 320),
    ("orders", "fulfillmentOrders", 270),
    ("orders", "returns", 280),
    ("returns", "returnLineItems", 290),
    ("abandoned_checkouts", "lineItems", 330),
    ("products", "variants", 620),
]


@pytest.fixture(scope="module")
def world():
    return generate(60, seed=5)


@pytest.fixture
def sandbox(world, tmp_path: Path) -> Iterator[Sandbox]:
    with serve(world, tmp_path / "state") as running:
        yield running


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    return Settings(home=tmp_path / "home")


def shop(sandbox: Sandbox, stream: str) -> Stream:
    return sandbox.vendors.by_name["shopify"].streams[stream]


def lengthen(payload: Payload, field: str, size: int) -> list[str]:
    """Give an object a list of that size; the ids in it."""
    first = payload[field][0]
    kind = first["id"].split("/")[3]
    payload[field].extend(
        {**first, "id": f"gid://shopify/{kind}/9{place:04}", "sku": f"sku-{place}"}
        for place in range(len(payload[field]), size)
    )
    return [one["id"] for one in payload[field]]


def raw(warehouse: Warehouse, stream: str, key: str) -> dict[str, Any]:
    (found,) = warehouse.read(
        f"select payload::text as payload, ingest_error from raw_shopify.{stream} where record_key = $1", (key,)
    ).to_pylist()
    return {"payload": json.loads(found["payload"]), "ingest_error": found["ingest_error"]}


def asked(sandbox: Sandbox) -> int:
    """How many requests Shopify has had."""
    counted = httpx.get(f"{sandbox.url}/_sandbox/requests").raise_for_status().json()["requests"]["shopify"]
    return sum(counted.values())


@pytest.mark.parametrize(("stream", "field", "size"), LISTS, ids=[f"{one[0]}-{one[1]}" for one in LISTS])
def test_a_list_longer_than_its_pages_comes_whole(stream, field, size, sandbox, settings, warehouse):
    owner = next(row for row in shop(sandbox, stream) if row.payload[field])
    sent = lengthen(owner.payload, field, size)
    load("shopify", settings, warehouse, HASTE)
    found = raw(warehouse, stream, owner.key)
    assert found["ingest_error"] is None
    connection = found["payload"][field]
    assert len(connection["nodes"]) == len(sent) == size
    assert connection["pageInfo"]["hasNextPage"] is False
    assert [one["id"] for one in connection["nodes"] if "id" in one] in ([], sent)
    assert [one["sku"] for one in connection["nodes"][1:] if "sku" in one] in (
        [],
        [f"sku-{place}" for place in range(1, size)],
    )


def test_a_long_list_in_a_late_element_of_a_long_list(sandbox, settings, warehouse):
    returns = shop(sandbox, "returns")
    first = next(iter(returns))
    order = first.parent
    for number in range(9_000, 9_300):
        payload = {**first.payload, "id": f"gid://shopify/Return/{number}"}
        payload["returnLineItems"] = list(first.payload["returnLineItems"])
        returns.put(Row(first.at, str(number), payload, parent=order))
    lengthen(returns.get("9280").payload, "returnLineItems", 300)
    load("shopify", settings, warehouse, HASTE)
    sent = len(returns.children(order))
    found = warehouse.read(
        "select count(*) as n from raw_shopify.returns where payload #>> '{order,legacyResourceId}' = $1", (order,)
    )
    assert found["n"][0].as_py() == sent > 300
    assert len(raw(warehouse, "returns", "9280")["payload"]["returnLineItems"]["nodes"]) == 300
    assert len(raw(warehouse, "orders", order)["payload"]["returns"]["nodes"]) == sent


@pytest.mark.parametrize(("size", "further"), [(50, 0), (51, 1), (320, 2)])
def test_only_what_does_not_fit_is_asked_for(size, further, sandbox, settings, warehouse):
    order = next(row for row in shop(sandbox, "orders") if row.payload["lineItems"])
    lengthen(order.payload, "lineItems", size)
    load("shopify", settings, warehouse, HASTE)
    pages = sum(-(-len(shop(sandbox, name)) // one.size) for name, one in LISTINGS.items())
    assert asked(sandbox) == pages + further


CUT = {"nodes": [{"quantity": 1}], "pageInfo": {"hasNextPage": True, "endCursor": "0"}}
GOES_NOWHERE = {
    "the object is gone when its rest is asked for": ("gid://shopify/AbandonedCheckout/none", CUT),
    "the id is of another type": ("gid://shopify/Cart/99", CUT),
    "no cursor": (
        "gid://shopify/AbandonedCheckout/99",
        {**CUT, "pageInfo": {"hasNextPage": True, "endCursor": None}},
    ),
    "the same cursor again and again": ("gid://shopify/AbandonedCheckout/99", CUT),
    "no list to extend": ("gid://shopify/AbandonedCheckout/99", {**CUT, "nodes": None}),
}


@pytest.mark.parametrize(("gid", "items"), GOES_NOWHERE.values(), ids=GOES_NOWHERE.keys())
def test_a_list_that_stays_short_marks_its_row_and_stops_nothing(gid, items, sandbox, settings, warehouse):
    good = len(shop(sandbox, "abandoned_checkouts"))
    row = {"id": gid, "createdAt": LATER, "updatedAt": LATER, "lineItems": items}
    # Rows of a test are served as they stand, whatever is asked: so also where the rest of the list should be.
    made = {"vendor": "shopify", "stream": "abandoned_checkouts", "key": "99", "row": row, "at": LATER}
    httpx.post(f"{sandbox.url}/_sandbox/rows", json=made).raise_for_status()
    report = {one.stream: one for one in load("shopify", settings, warehouse, HASTE).streams}
    assert report["abandoned_checkouts"].rows_loaded == good + 1
    assert report["abandoned_checkouts"].rows_with_error == 1
    found = raw(warehouse, "abandoned_checkouts", gid.rpartition("/")[2])
    assert found["ingest_error"] == "lineItems: Shopify says that more follow, and does not give them"
    assert found["payload"]["lineItems"]["pageInfo"]["hasNextPage"] is True


def test_a_listing_that_promises_more_and_gives_no_cursor_is_an_error(sandbox, settings, warehouse):
    cut = {"data": {"products": {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": None}}}}
    fault = {"vendor": "shopify", "path": "products(", "kind": "mutate", "mutate": {"set": cut}, "times": -1}
    httpx.post(f"{sandbox.url}/_sandbox/faults", json=fault).raise_for_status()
    with pytest.raises(SourceError, match=r"^shopify\.products: .*gives no new cursor"):
        load("shopify", settings, warehouse, HASTE)
