"""The Shopify look-alike over HTTP."""

from typing import Any

import httpx
import pytest

from sandbox.serve import Sandbox

PATH = "/shopify/admin/api/2026-07/graphql.json"


@pytest.fixture
def shop(http: httpx.Client, sandbox: Sandbox) -> httpx.Client:
    http.headers["X-Shopify-Access-Token"] = sandbox.environment()["BRAID_SHOPIFY__ACCESS_TOKEN"]
    return http


def ask(shop: httpx.Client, query: str, **variables: Any) -> dict[str, Any]:
    answer = shop.post(PATH, json={"query": query, "variables": variables})
    assert answer.status_code == 200
    return answer.json()


def test_no_token_no_data(http: httpx.Client) -> None:
    answer = http.post(PATH, json={"query": "{ shop { name } }"})
    assert answer.status_code == 401
    assert answer.json()["errors"].startswith("[API] Invalid API key or access token")


def test_versions(shop: httpx.Client) -> None:
    query = {"query": "{ shop { name } }"}
    assert shop.post(PATH, json=query).headers["X-Shopify-API-Version"] == "2026-07"
    assert shop.post(PATH.replace("2026-07", "2026-02"), json=query).status_code == 404
    assert shop.post(PATH, content=b"no json").status_code == 400


def test_pages_by_cursor(shop: httpx.Client) -> None:
    query = """query($after: String) {
      customers(first: 3, after: $after, sortKey: UPDATED_AT) {
        nodes { legacyResourceId } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""
    keys: list[str] = []
    after = None
    for expected_more in (True, True, False):
        page = ask(shop, query, after=after)["data"]["customers"]
        assert page["pageInfo"]["hasNextPage"] is expected_more
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        keys += [one["legacyResourceId"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert keys == [str(number) for number in range(101, 108)]
    backwards = ask(shop, "{ customers(first: 2, reverse: true) { edges { cursor node { legacyResourceId } } } }")
    edges = backwards["data"]["customers"]["edges"]
    assert [one["node"]["legacyResourceId"] for one in edges] == ["107", "106"]
    more = "query($at: String) { customers(first: 1, after: $at, reverse: true) { nodes { legacyResourceId } } }"
    assert ask(shop, more, at=edges[-1]["cursor"])["data"]["customers"]["nodes"] == [{"legacyResourceId": "105"}]


def test_incremental_filter(shop: httpx.Client) -> None:
    query = "query($q: String) { customers(first: 9, query: $q) { nodes { legacyResourceId } } }"
    found = ask(shop, query, q="updated_at:>='2026-01-07T12:00:00Z'")["data"]["customers"]["nodes"]
    assert [one["legacyResourceId"] for one in found] == ["106", "107"]
    odd = ask(shop, query, q="shoe_size:42")
    assert odd["extensions"]["search"][0]["warnings"][0]["field"] == "shoe_size"


def test_an_order_with_everything(shop: httpx.Client) -> None:
    query = """{ orders(first: 9, sortKey: UPDATED_AT) { nodes {
      id name email sourceName displayFinancialStatus discountCodes
      customer { legacyResourceId } retailLocation { name }
      channelInformation { channelDefinition { handle channelName } }
      totalPriceSet { shopMoney { amount currencyCode } }
      fulfillmentOrders(first: 1) { nodes { deliveryMethod { methodType } } }
      fulfillments { deliveredAt status }
      lineItems(first: 5) { nodes { sku quantity product { legacyResourceId } } }
      returns(first: 5) { nodes { name status closedAt requestApprovedAt
        returnLineItems(first: 5) { nodes { ... on ReturnLineItem { quantity returnReason } } } } } } } }"""
    web, pickup, till = ask(shop, query)["data"]["orders"]["nodes"]
    assert web["customer"] == {"legacyResourceId": "101"}
    assert web["channelInformation"]["channelDefinition"] == {"handle": "web", "channelName": "Online Store"}
    assert web["totalPriceSet"]["shopMoney"] == {"amount": "20.00", "currencyCode": "USD"}
    assert web["fulfillments"] == [{"deliveredAt": "2026-01-04T12:00:00Z", "status": "SUCCESS"}]
    assert web["lineItems"]["nodes"] == [{"sku": "MUG-R", "quantity": 2, "product": {"legacyResourceId": "31"}}]
    assert web["returns"]["nodes"] == [
        {
            "name": "#1-R1",
            "status": "CLOSED",
            "closedAt": "2026-01-06T12:00:00Z",
            "requestApprovedAt": "2026-01-05T12:00:00Z",
            "returnLineItems": {"nodes": [{"quantity": 1, "returnReason": "DEFECTIVE"}]},
        }
    ]
    methods = [one["fulfillmentOrders"]["nodes"][0]["deliveryMethod"]["methodType"] for one in (web, pickup, till)]
    assert methods == ["SHIPPING", "PICK_UP", "RETAIL"]
    assert (till["customer"], till["email"], till["retailLocation"]) == (None, None, {"name": "Boston"})


def test_an_object_by_its_id(shop: httpx.Client) -> None:
    query = "query($id: ID!) { node(id: $id) { id ... on Product { variants(first: 1) { nodes { sku } } } } }"
    gid = "gid://shopify/Product/31"
    assert ask(shop, query, id=gid)["data"] == {"node": {"id": gid, "variants": {"nodes": [{"sku": "MUG-R"}]}}}
    assert ask(shop, query, id="gid://shopify/Product/4")["data"] == {"node": None}
    assert ask(shop, query, id="31")["errors"][0]["extensions"]["code"] == "INVALID_VARIABLE"


def test_a_customer_with_everything(shop: httpx.Client) -> None:
    query = """{ customers(first: 2) { nodes { id displayName numberOfOrders amountSpent { amount }
      defaultEmailAddress { emailAddress marketingState } defaultPhoneNumber { phoneNumber }
      defaultAddress { address1 provinceCode country countryCodeV2 } } } }"""
    first, second = ask(shop, query)["data"]["customers"]["nodes"]
    assert first == {
        "id": "gid://shopify/Customer/101",
        "displayName": "Ada Byron",
        "numberOfOrders": "1",
        "amountSpent": {"amount": "20.00"},
        "defaultEmailAddress": {"emailAddress": "p1@example.com", "marketingState": "SUBSCRIBED"},
        "defaultPhoneNumber": None,
        "defaultAddress": {
            "address1": "1 Main St",
            "provinceCode": "MA",
            "country": "United States",
            "countryCodeV2": "US",
        },
    }
    assert second["defaultEmailAddress"]["marketingState"] == "UNSUBSCRIBED"


@pytest.mark.parametrize(
    ("query", "message", "code"),
    [
        ("{ customers(first: 1) { nodes { x } } }", "Field 'x' doesn't exist on type 'Customer'", "undefinedField"),
        ("{ returns { id } }", "Field 'returns' doesn't exist on type 'QueryRoot'", "undefinedField"),
        ("{ customers(first: 1) { nodes { id } ", None, "parseError"),
        ("{ customers(first: 1, shoe: 2) { nodes { id } } }", None, "argumentNotAccepted"),
        ("{ customers { nodes { id } } }", None, "BAD_REQUEST"),
    ],
)  # fmt: skip
def test_refused_queries(shop: httpx.Client, query: str, message: str | None, code: str) -> None:
    body = ask(shop, query)
    assert "data" not in body
    assert body["errors"][0]["extensions"]["code"] == code
    assert message is None or body["errors"][0]["message"] == message


def test_a_query_that_costs_too_much(shop: httpx.Client) -> None:
    line = "lineItems(first: 250) { nodes { product { variants(first: 250) { nodes { id } } } } }"
    body = ask(shop, f"{{ orders(first: 250) {{ nodes {{ {line} }} }} }}")
    assert body["errors"][0]["extensions"]["code"] == "MAX_COST_EXCEEDED"


def test_throttling_by_cost(shop: httpx.Client) -> None:
    shop.post("/_sandbox/limits", json={"vendor": "shopify", "capacity": 60, "per_second": 0})
    query = "{ customers(first: 9) { nodes { id defaultEmailAddress { emailAddress } } } }"
    body = ask(shop, query)
    spent = body["extensions"]["cost"]
    assert spent["actualQueryCost"] <= spent["requestedQueryCost"]
    assert spent["throttleStatus"]["currentlyAvailable"] == 60 - spent["actualQueryCost"]
    for _ in range(60):
        body = ask(shop, query)
        if "errors" in body:
            break
    assert body["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert body["extensions"]["cost"]["actualQueryCost"] is None
