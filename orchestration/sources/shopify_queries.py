"""What is asked of Shopify's Admin GraphQL API: one query per listing, and one for the rest of a list in an object.

Every root connection takes the same variables: `first`, `after` and `query`, a search such as
`updated_at:>='2026-01-01T00:00:00Z'`. A list inside an object is a connection too: its first page comes with the
object, the pages after it through `node(id:)` (shopify.dev, "Pagination" and "node"). What is declared here says how
long such a first page is: long enough that few objects need another request, short enough that a page of objects stays
below the 1,000 points that Shopify allows a query.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Kind:
    """A type of objects: its GraphQL name, what is asked of each object, and the lists inside it."""

    name: str
    fields: str
    lists: tuple[Nested, ...] = ()


@dataclass(frozen=True)
class Nested:
    """A list inside an object: its field, how many elements come with the object, and what they are."""

    field: str
    first: int
    of: Kind


@dataclass(frozen=True)
class Listing:
    """A root connection: its field, its sort argument, how many objects are on a page, and what they are."""

    root: str
    sort: str
    size: int
    of: Kind


_MONEY: Final = "{ shopMoney { amount currencyCode } }"

CUSTOMER: Final = Kind(
    "Customer",
    """
id legacyResourceId firstName lastName displayName
defaultEmailAddress { emailAddress marketingState }
defaultPhoneNumber { phoneNumber marketingState }
verifiedEmail locale tags numberOfOrders amountSpent { amount currencyCode } createdAt updatedAt
defaultAddress { address1 address2 city province provinceCode zip country countryCodeV2 phone }
""",
)

RETURN: Final = Kind(
    "Return",
    "id name status totalQuantity createdAt closedAt",
    (Nested("returnLineItems", 20, Kind("ReturnLineItemType", "quantity returnReason")),),
)

ORDER: Final = Kind(
    "Order",
    f"""
id legacyResourceId name createdAt updatedAt processedAt cancelledAt email phone sourceName
channelInformation {{ channelDefinition {{ handle channelName }} }}
customer {{ id legacyResourceId }}
displayFinancialStatus displayFulfillmentStatus
totalPriceSet {_MONEY} totalDiscountsSet {_MONEY} discountCodes
retailLocation {{ name }}
fulfillments {{ createdAt deliveredAt status }}
""",
    (
        Nested("fulfillmentOrders", 5, Kind("FulfillmentOrder", "deliveryMethod { methodType }")),
        Nested(
            "lineItems",
            50,
            Kind(
                "LineItem",
                f"id title sku quantity product {{ id legacyResourceId }} originalUnitPriceSet {_MONEY}",
            ),
        ),
        Nested("returns", 10, RETURN),
    ),
)

CHECKOUT: Final = Kind(
    "AbandonedCheckout",
    f"id createdAt updatedAt completedAt customer {{ id legacyResourceId }} totalPriceSet {_MONEY}",
    (
        Nested(
            "lineItems",
            50,
            Kind("AbandonedCheckoutLineItem", "quantity title product { id legacyResourceId }"),
        ),
    ),
)

PRODUCT: Final = Kind(
    "Product",
    "id legacyResourceId title productType vendor tags createdAt updatedAt",
    (Nested("variants", 100, Kind("ProductVariant", "sku price")),),
)

LISTINGS: Final[dict[str, Listing]] = {
    "customers": Listing("customers", "sortKey: UPDATED_AT", 100, CUSTOMER),
    "orders": Listing("orders", "sortKey: UPDATED_AT", 50, ORDER),
    "abandoned_checkouts": Listing("abandonedCheckouts", "sortKey: CREATED_AT", 100, CHECKOUT),
    "products": Listing("products", "sortKey: UPDATED_AT", 100, PRODUCT),
}
"""Stream to its listing; orders come in smaller pages because the lists inside them make a query expensive."""

REST_PAGE: Final = 250
"""How many elements the further pages of a list hold: the most that Shopify gives."""


def listing(name: str) -> str:
    """The query of a stream."""
    asked = LISTINGS[name]
    return f"""
query {name}($first: Int!, $after: String, $query: String) {{
  {asked.root}(first: $first, after: $after, query: $query, {asked.sort}) {_page(asked.of)}
}}"""


def rest_of(kind: Kind, nested: Nested) -> str:
    """The query for the further pages of a list inside one object of that kind."""
    return f"""
query rest($id: ID!, $first: Int!, $after: String) {{
  node(id: $id) {{ ... on {kind.name} {{ {nested.field}(first: $first, after: $after) {_page(nested.of)} }} }}
}}"""


def _page(kind: Kind) -> str:
    inside = " ".join(f"{one.field}(first: {one.first}) {_page(one.of)}" for one in kind.lists)
    return f"{{ nodes {{ {kind.fields} {inside} }} pageInfo {{ hasNextPage endCursor }} }}"
