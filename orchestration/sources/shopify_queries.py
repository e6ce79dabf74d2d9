"""What is asked of Shopify's Admin GraphQL API: one query per listing.

Every root connection takes the same variables: `first`, `after` and `query`, a search such as
`updated_at:>='2026-01-01T00:00:00Z'`. `LISTINGS` names the root field of each stream and the size of its pages; orders
come in smaller pages because their nested lists make a query expensive (Shopify refuses more than 1,000 points).
"""

from __future__ import annotations

from typing import Final

MONEY: Final = "{ shopMoney { amount currencyCode } }"

CUSTOMER: Final = """
id legacyResourceId firstName lastName displayName
defaultEmailAddress { emailAddress marketingState }
defaultPhoneNumber { phoneNumber marketingState }
verifiedEmail locale tags numberOfOrders amountSpent { amount currencyCode } createdAt updatedAt
defaultAddress { address1 address2 city province provinceCode zip country countryCodeV2 phone }
"""

LINE_ITEMS: Final = f"""
nodes {{ id title sku quantity product {{ id legacyResourceId }} originalUnitPriceSet {MONEY} }}
pageInfo {{ hasNextPage endCursor }}
"""

RETURNS: Final = """
nodes {
  id name status totalQuantity createdAt closedAt
  returnLineItems(first: 20) { nodes { ... on ReturnLineItem { quantity returnReason } } }
}
pageInfo { hasNextPage endCursor }
"""

ORDER: Final = f"""
id legacyResourceId name createdAt updatedAt processedAt cancelledAt email phone sourceName
channelInformation {{ channelDefinition {{ handle channelName }} }}
customer {{ id legacyResourceId }}
displayFinancialStatus displayFulfillmentStatus
totalPriceSet {MONEY} totalDiscountsSet {MONEY} discountCodes
retailLocation {{ name }}
fulfillmentOrders(first: 5) {{ nodes {{ deliveryMethod {{ methodType }} }} }}
fulfillments {{ createdAt deliveredAt status }}
lineItems(first: 50) {{ {LINE_ITEMS} }}
returns(first: 10) {{ {RETURNS} }}
"""

CHECKOUT: Final = f"""
id createdAt updatedAt completedAt
customer {{ id legacyResourceId }}
totalPriceSet {MONEY}
lineItems(first: 50) {{ nodes {{ quantity title product {{ id legacyResourceId }} }} }}
"""

PRODUCT: Final = """
id legacyResourceId title productType vendor tags createdAt updatedAt
variants(first: 10) { nodes { sku price } }
"""

LISTINGS: Final[dict[str, tuple[str, str, str, int]]] = {
    "customers": ("customers", "sortKey: UPDATED_AT", CUSTOMER, 100),
    "orders": ("orders", "sortKey: UPDATED_AT", ORDER, 50),
    "abandoned_checkouts": ("abandonedCheckouts", "sortKey: CREATED_AT", CHECKOUT, 100),
    "products": ("products", "sortKey: UPDATED_AT", PRODUCT, 100),
}
"""Stream to root field, sort argument, fields of a node, nodes on a page."""


def listing(name: str) -> str:
    """The query of a stream."""
    root, sort, fields, _ = LISTINGS[name]
    return f"""
query {name}($first: Int!, $after: String, $query: String) {{
  {root}(first: $first, after: $after, query: $query, {sort}) {{
    nodes {{ {fields} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}"""


def rest_of(connection: str) -> str:
    """The query for the further pages of a list inside one order: `lineItems` or `returns`."""
    fields = {"lineItems": LINE_ITEMS, "returns": RETURNS}[connection]
    return f"""
query rest($first: Int!, $after: String, $query: String) {{
  orders(first: 1, query: $query) {{ nodes {{ {connection}(first: $first, after: $after) {{ {fields} }} }} }}
}}"""
