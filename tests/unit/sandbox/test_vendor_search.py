"""Shopify's search syntax, and Meta's field expansion."""

import pytest

from sandbox.vendors import clock
from sandbox.vendors.meta import fields
from sandbox.vendors.shopify import search
from sandbox.vendors.stream import Row

AT = clock.parse("2026-01-02T12:00:00Z")
PAYLOAD = {
    "createdAt": "2026-01-01T00:00:00Z",
    "name": "#1001",
    "tags": ["VIP"],
    "displayFinancialStatus": "PAID",
    "customer": {"legacyResourceId": "101"},
    "email": "ada@example.com",
}


def found(text: str) -> bool:
    assert AT is not None
    test, _ = search.parse(text, search.FIELDS["orders"])
    return test(Row(AT, "5001", PAYLOAD))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("updated_at:>='2026-01-02T12:00:00Z'", True),
        ("updated_at:>2026-01-02T12:00:00Z", False),
        ("updated_at:>='2026-01-02T12:00:00Z' AND updated_at:<'2026-01-02T12:00:01Z'", True),
        ("updated_at:<'2026-01-01' OR financial_status:paid", True),
        ("-financial_status:paid", False),
        ("NOT tag:vip", False),
        ("(tag:gold OR tag:vip) name:#1001", True),
        ("id:5001", True),
        ("id:>=5002", False),
        ("customer_id:101", True),
        ("email:ada@example.com", True),
        ("created_at:<2026-01-01", False),
        ("ada@example.com", True),
        ("nobody", False),
    ],
)
def test_search(text: str, expected: bool) -> None:
    assert found(text) is expected


def test_a_field_that_cannot_be_searched_is_left_out_and_named() -> None:
    test, warnings = search.parse("colour:red", search.FIELDS["orders"])
    assert test(Row(0, "1", {}))
    assert [one["field"] for one in warnings] == ["colour"]


def test_field_expansion() -> None:
    parsed = fields.parse("id, messages.limit(10).after(x=){id,from}, updated_time")
    assert [one.name for one in parsed] == ["id", "messages", "updated_time"]
    assert parsed[1].argument("limit") == "10"
    assert [one.name for one in parsed[1].below] == ["id", "from"]


@pytest.mark.parametrize("text", ["", "id,", "messages{id", "id}", "a b,,c"])
def test_fields_that_cannot_be_read(text: str) -> None:
    with pytest.raises(fields.FieldError):
        fields.parse(text)
