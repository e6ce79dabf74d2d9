"""Faults and rows on request: every bad input of the real world, on every vendor."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sandbox.serve import Sandbox
from sandbox.vendors.meta.payloads import PAGE_ID
from sandbox.vendors.x.payloads import USER_ID

VENDORS = ("salesforce", "shopify", "zendesk", "meta", "x")
Read = Callable[[str], httpx.Response]


@pytest.fixture
def read(http: httpx.Client, sandbox: Sandbox) -> Read:
    """One small read of each vendor."""
    told = sandbox.environment()

    def ask(vendor: str) -> httpx.Response:
        if vendor == "salesforce":
            form = {
                "grant_type": "client_credentials",
                "client_id": told["BRAID_SALESFORCE__CLIENT_ID"],
                "client_secret": told["BRAID_SALESFORCE__CLIENT_SECRET"],
            }
            token = http.post("/salesforce/services/oauth2/token", data=form).json()["access_token"]
            soql = "SELECT Id, LastName, SystemModstamp FROM Contact WHERE SystemModstamp >= 2026-01-02T12:00:00Z"
            url = "/salesforce/services/data/v61.0/query"
            return http.get(url, params={"q": soql}, headers={"authorization": f"Bearer {token}"})
        if vendor == "shopify":
            query = "{ customers(first: 99, sortKey: UPDATED_AT) { nodes { id firstName updatedAt } } }"
            headers = {"X-Shopify-Access-Token": told["BRAID_SHOPIFY__ACCESS_TOKEN"]}
            return http.post("/shopify/admin/api/2026-07/graphql.json", json={"query": query}, headers=headers)
        if vendor == "zendesk":
            auth = (f"{told['BRAID_ZENDESK__EMAIL']}/token", told["BRAID_ZENDESK__API_TOKEN"])
            return http.get("/zendesk/api/v2/incremental/users/cursor.json?start_time=0", auth=auth)
        if vendor == "meta":
            params = {"platform": "instagram", "access_token": told["BRAID_META__ACCESS_TOKEN"]}
            return http.get(f"/meta/v23.0/{PAGE_ID}/conversations", params=params)
        headers = {"authorization": f"Bearer {told['BRAID_X__BEARER_TOKEN']}"}
        return http.get(f"/x/2/users/{USER_ID}/mentions", headers=headers)

    return ask


STREAMS = {
    "salesforce": ("contacts", "records"),
    "shopify": ("customers", "data.customers.nodes"),
    "zendesk": ("users", "users"),
    "meta": ("conversations", "data"),
    "x": ("mentions", "data"),
}
KEYS = {"salesforce": "003A", "shopify": "101", "zendesk": "201", "meta": "t_1", "x": "1611"}


def rows(vendor: str, answer: httpx.Response) -> list[dict[str, Any]]:
    body = answer.json()
    for step in STREAMS[vendor][1].split("."):
        body = body[step]
    return body


def fault(http: httpx.Client, **what: Any) -> None:
    answer = http.post("/_sandbox/faults", json=what)
    assert answer.status_code == 201, answer.text


def add(http: httpx.Client, **what: Any) -> None:
    answer = http.post("/_sandbox/rows", json=what)
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_status_in_the_vendors_own_words_then_healed(
    http: httpx.Client, read: Read, vendor: str, status: int
) -> None:
    fault(http, vendor=vendor, path=_path(vendor), kind="status", status=status, retry_after=1, times=2)
    for _ in range(2):
        answer = read(vendor)
        assert answer.status_code == status
        assert float(answer.headers["Retry-After"]) == 1
        said = answer.json()[0] if vendor == "salesforce" else answer.json()
        assert {"salesforce": "errorCode", "shopify": "errors", "x": "title"}.get(vendor, "error") in said
    assert read(vendor).status_code == 200


def _path(vendor: str) -> str:
    return "/query" if vendor == "salesforce" else ""  # not the token endpoint


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_page_that_is_cut_off(http: httpx.Client, read: Read, vendor: str) -> None:
    fault(http, vendor=vendor, path=_path(vendor), kind="truncate")
    answer = read(vendor)
    assert answer.status_code == 200
    with pytest.raises(ValueError):
        answer.json()
    assert rows(vendor, read(vendor))


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_connection_that_is_reset(http: httpx.Client, read: Read, vendor: str) -> None:
    fault(http, vendor=vendor, path=_path(vendor), kind="reset")
    with pytest.raises(httpx.TransportError):
        read(vendor)
    assert rows(vendor, read(vendor))


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_mutated_answer(http: httpx.Client, read: Read, vendor: str) -> None:
    path = f"{STREAMS[vendor][1]}.0"
    fault(
        http,
        vendor=vendor,
        path=_path(vendor),
        kind="mutate",
        mutate={"path": path, "set": {"odd": [1]}, "unset": ["id"]},
    )
    first = rows(vendor, read(vendor))[0]
    assert first["odd"] == [1] and "id" not in first
    assert "odd" not in rows(vendor, read(vendor))[0]


def test_after_times_and_path(http: httpx.Client, read: Read) -> None:
    fault(http, vendor="shopify", path="customers", kind="status", status=500, after=1, times=1)
    fault(http, vendor="shopify", path="orders", kind="status", status=500, times=-1)
    assert [read("shopify").status_code for _ in range(3)] == [200, 500, 200]
    left = http.get("/_sandbox/faults").json()["faults"]
    assert [(one["times"], one["after"]) for one in left] == [(0, 0), (-1, 0)]
    fault(http, vendor="x", kind="status", status=500, times=-1)
    assert [read("x").status_code for _ in range(3)] == [500, 500, 500]
    http.delete("/_sandbox/faults")
    assert read("x").status_code == 200


def test_a_slow_answer(http: httpx.Client, read: Read) -> None:
    fault(http, vendor="x", kind="slow", seconds=0.05)
    assert read("x").status_code == 200


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_raw_row_is_served_as_it_stands(http: httpx.Client, read: Read, vendor: str) -> None:
    before = len(rows(vendor, read(vendor)))
    odd = {"no_id": True, "created_at": "2026-02-31", "email": 17, "nested": {"deep": [None]}}
    add(http, vendor=vendor, stream=STREAMS[vendor][0], row=odd)
    now = rows(vendor, read(vendor))
    assert odd in now
    assert len(now) == (before if vendor == "x" else before + 1)  # mentions come ten at a time, newest first


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_row_is_changed_and_found_by_the_next_incremental_read(http: httpx.Client, read: Read, vendor: str) -> None:
    add(http, vendor=vendor, stream=STREAMS[vendor][0], key=KEYS[vendor], set={"extra": "x", "phone": "000"})
    changed = [one for one in rows(vendor, read(vendor)) if one.get("extra") == "x"]
    assert len(changed) == 1 and changed[0]["phone"] == "000"
    newest = rows(vendor, read(vendor))[0 if vendor in {"meta", "x"} else -1]
    assert newest == changed[0] or vendor == "salesforce"


def test_nested_rows(http: httpx.Client, sandbox: Sandbox) -> None:
    odd = {"id": "gid://shopify/Return/99", "totalQuantity": "many"}
    add(http, vendor="shopify", stream="returns", row=odd, parent="5002")
    query = """{ orders(first: 9, sortKey: UPDATED_AT) { nodes { legacyResourceId
      returns(first: 9) { nodes { id totalQuantity } } } } }"""
    headers = {"X-Shopify-Access-Token": sandbox.environment()["BRAID_SHOPIFY__ACCESS_TOKEN"]}
    answer = http.post("/shopify/admin/api/2026-07/graphql.json", json={"query": query}, headers=headers).json()
    last = answer["data"]["orders"]["nodes"][-1]
    assert last == {"legacyResourceId": "5002", "returns": {"nodes": [odd]}}
    orphan = http.post("/_sandbox/rows", json={"vendor": "shopify", "stream": "returns", "row": odd, "parent": "1"})
    assert orphan.status_code == 404


def test_side_loaded_rows(http: httpx.Client, sandbox: Sandbox) -> None:
    odd = {"id": 1, "type": "email", "value": "not an e-mail"}
    add(http, vendor="zendesk", stream="user_identities", row=odd, parent="202")
    add(http, vendor="zendesk", stream="ticket_metrics", key="3001", set={"reopens": "often"})
    told = sandbox.environment()
    auth = (f"{told['BRAID_ZENDESK__EMAIL']}/token", told["BRAID_ZENDESK__API_TOKEN"])
    base = "/zendesk/api/v2/incremental"
    users = http.get(f"{base}/users/cursor.json?start_time=0&include=identities", auth=auth).json()
    assert odd in users["identities"] and users["users"][-1]["id"] == 202
    tickets = http.get(f"{base}/tickets/cursor.json?start_time=0&include=metric_sets", auth=auth).json()["tickets"]
    assert (tickets[-1]["id"], tickets[-1]["metric_set"]["reopens"]) == (300, "often")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("faults", {"vendor": "fax", "kind": "reset"}, 404),
        ("faults", {"vendor": "x", "kind": "melt"}, 422),
        ("faults", {"vendor": "x", "kind": "reset", "colour": 1}, 422),
        ("rows", {"vendor": "x", "stream": "faxes", "row": {}}, 404),
        ("rows", {"vendor": "x", "stream": "mentions", "key": "1", "set": {"a": 1}}, 404),
        ("rows", {"vendor": "x", "stream": "mentions"}, 422),
        ("rows", {"vendor": "x", "stream": "mentions", "row": {}, "at": "noon"}, 422),
        ("limits", {"vendor": "x"}, 422),
    ],
)
def test_a_test_that_asks_for_nonsense_is_told(
    http: httpx.Client, path: str, body: dict[str, Any], status: int
) -> None:
    assert http.post(f"/_sandbox/{path}", json=body).status_code == status


def test_requests_and_writes_are_counted(http: httpx.Client, read: Read) -> None:
    for vendor in VENDORS:
        read(vendor)
    counted = http.get("/_sandbox/requests").json()
    assert counted["requests"]["shopify"] == {"POST /admin/api/2026-07/graphql.json customers": 1}
    assert set(counted["writes"].values()) == {0}
    http.delete("/_sandbox/requests")
    assert http.get("/_sandbox/requests").json()["requests"] == {}
