"""Shopify's search syntax, for the `query` argument: terms `field:value` with comparators, AND, OR, NOT, parentheses.

After "Shopify API search syntax" (shopify.dev). A field that cannot be searched does not fail the query there: it is
left out and named in `extensions.search`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from sandbox.vendors import clock
from sandbox.vendors.stream import Json, Payload, Row

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<paren>[()])|(?P<word>(?:AND|OR|NOT)\b)|(?P<minus>-)?(?P<field>[A-Za-z_]+):(?P<sign><=|>=|<|>)?
    (?P<value>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s()]+)|(?P<bare>'[^']*'|"[^"]*"|[^\s()]+))""",
    re.VERBOSE,
)

Test = Callable[[Row], bool]
_PATHS: Final[dict[str, tuple[str, ...]]] = {
    "created_at": ("createdAt",),
    "processed_at": ("processedAt",),
    "email": ("defaultEmailAddress", "emailAddress"),
    "phone": ("defaultPhoneNumber", "phoneNumber"),
    "first_name": ("firstName",),
    "last_name": ("lastName",),
    "name": ("name",),
    "tag": ("tags",),
    "vendor": ("vendor",),
    "product_type": ("productType",),
    "title": ("title",),
    "financial_status": ("displayFinancialStatus",),
    "fulfillment_status": ("displayFulfillmentStatus",),
    "source_name": ("sourceName",),
    "customer_id": ("customer", "legacyResourceId"),
}


def field_value(row: Row, field: str) -> Json:
    """What a search field of that name compares: a moment, a number, text without case, or None."""
    if field == "updated_at":
        return row.at
    if field == "id":
        return int(row.key) if row.key.isdigit() else None
    value: Any = row.payload
    for name in _PATHS[field]:
        value = value.get(name) if isinstance(value, dict) else None
    if field == "email" and value is None:
        value = row.payload.get("email")
    if isinstance(value, str):
        moment = clock.parse(value) if field.endswith("_at") else None
        return value.casefold() if moment is None else moment
    return [str(one).casefold() for one in value] if isinstance(value, list) else value


def _term(field: str, sign: str | None, text: str) -> Test:
    text = re.sub(r"\\(.)", r"\1", text[1:-1]) if text[:1] in {"'", '"'} else text
    wanted: Any = text.casefold()
    if field.endswith("_at"):
        wanted = clock.parse(text)
    elif field == "id" or field.endswith("_id"):
        wanted = int(text.rsplit("/", 1)[-1]) if text.rsplit("/", 1)[-1].isdigit() else None

    def test(row: Row) -> bool:
        value = field_value(row, field)
        value = int(value) if field.endswith("_id") and str(value).isdigit() else value
        if value is None or wanted is None:
            return False
        if sign is None:
            return wanted in value if isinstance(value, list) else value == wanted
        return bool({"<": value < wanted, "<=": value <= wanted, ">": value > wanted, ">=": value >= wanted}[sign])

    return test


class _Parser:
    def __init__(self, text: str, known: frozenset[str]) -> None:
        self._tokens = [match.groupdict() for match in _TOKEN.finditer(text)]
        self._known = known
        self.warnings: list[Payload] = []

    def _next(self, kind: str, *texts: str) -> bool:
        if self._tokens and self._tokens[0][kind] in texts:
            self._tokens.pop(0)
            return True
        return False

    def any_of(self) -> Test:
        parts = [self.all_of()]
        while self._next("word", "OR"):
            parts.append(self.all_of())
        return lambda row: any(part(row) for part in parts)

    def all_of(self) -> Test:
        parts: list[Test] = []
        while self._tokens and self._tokens[0]["paren"] != ")" and self._tokens[0]["word"] != "OR":
            if not self._next("word", "AND"):
                parts.append(self.single())
        return lambda row: all(part(row) for part in parts)

    def single(self) -> Test:
        if self._next("word", "NOT"):
            inner = self.single()
            return lambda row: not inner(row)
        if self._next("paren", "("):
            inner = self.any_of()
            self._next("paren", ")")
            return inner
        token = self._tokens.pop(0)
        field = token["field"]
        if field is None:
            word = str(token["bare"] or "").strip("'\"").casefold()
            return lambda row: word in str(row.payload).casefold()
        if field not in self._known:
            self.warnings.append(
                {"field": field, "message": "Invalid search field for this query.", "code": "invalid_field"}
            )
            return lambda _: True
        test = _term(field, token["sign"], token["value"])
        return (lambda row: not test(row)) if token["minus"] else test


def parse(text: str, known: frozenset[str]) -> tuple[Test, list[Payload]]:
    """The test that a query stands for, and Shopify's warnings about it."""
    parser = _Parser(text, known)
    test = parser.any_of()
    return test, parser.warnings


FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "customers": frozenset({"id", "updated_at", "created_at", "email", "phone", "first_name", "last_name", "tag"}),
    "orders": frozenset(
        {
            "id",
            "updated_at",
            "created_at",
            "processed_at",
            "email",
            "name",
            "tag",
            "financial_status",
            "fulfillment_status",
            "source_name",
            "customer_id",
        }
    ),
    "abandonedCheckouts": frozenset({"id", "updated_at", "created_at"}),
    "products": frozenset({"id", "updated_at", "created_at", "title", "vendor", "product_type", "tag"}),
}
"""The searchable fields of each root connection that the look-alike knows."""
