"""The errors of the Admin GraphQL API, as Shopify writes them: in `errors`, with status 200 and a code each."""

from __future__ import annotations

import re
from typing import Final

from graphql import GraphQLError

from sandbox.vendors.shopify.cost import LARGEST
from sandbox.vendors.stream import Payload

_LIMITS: Final = "https://shopify.dev/api/usage/rate-limits"
_CODES: Final = {
    "Cannot query field": "undefinedField",
    "Unknown argument": "argumentNotAccepted",
    "Unknown fragment": "useAndDefineFragment",
    "Unknown type": "undefinedType",
    "Variable": "variableMismatch",
    "Field": "selectionMismatch",
}


def described(error: GraphQLError) -> Payload:
    """An error of a query's text: Shopify's own words for a field that does not exist, and a code."""
    message = error.message
    code = next((code for start, code in _CODES.items() if message.startswith(start)), "parseError")
    extensions: Payload = {"code": code}
    unknown = re.match(r"Cannot query field '(\w+)' on type '(\w+)'", message)
    if unknown:
        message = f"Field '{unknown.group(1)}' doesn't exist on type '{unknown.group(2)}'"
        extensions |= {"typeName": unknown.group(2), "fieldName": unknown.group(1)}
    found: Payload = {"message": message}
    if error.locations:
        found["locations"] = [{"line": one.line, "column": one.column} for one in error.locations]
    return {**found, "extensions": extensions}


def too_expensive(asked: int) -> Payload:
    """The error of a query that costs more than any may."""
    return {
        "message": f"Query cost is {asked}, which exceeds the single query max cost limit ({LARGEST}).\n\n"
        "See https://shopify.dev/concepts/about-apis/rate-limits for more information on how the\n"
        "cost of a query is calculated.",
        "extensions": {"code": "MAX_COST_EXCEEDED", "cost": asked, "maxCost": LARGEST, "documentation": _LIMITS},
    }


def throttled() -> Payload:
    """The error of a query that costs more than the bucket holds now."""
    return {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": _LIMITS}}
