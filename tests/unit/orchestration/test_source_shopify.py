"""What is asked of Shopify: queries that its schema knows and its limit on cost allows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from graphql import FieldNode, SelectionSetNode, parse, validate

from orchestration.sources.shopify import rows_of
from orchestration.sources.shopify_queries import LISTINGS, ORDER, REST_PAGE, RETURN, Kind, Nested, listing, rest_of
from sandbox.vendors.shopify import cost, schema
from sandbox.vendors.shopify.projection import Compiler

SCHEMA = schema.build()


def lists_of(kind: Kind) -> Iterator[tuple[Kind, Nested]]:
    for nested in kind.lists:
        yield kind, nested
        yield from lists_of(nested.of)


RESTS = [pair for one in LISTINGS.values() for pair in lists_of(one.of)]


def points(query: str, **variables: object) -> int:
    document = parse(query)
    assert validate(SCHEMA, document) == []
    (operation,) = document.definitions
    return cost.requested(Compiler(SCHEMA, {}, variables).compile(SCHEMA.query_type, operation.selection_set))


@pytest.mark.parametrize("name", LISTINGS)
def test_a_page_of_a_listing_is_not_too_expensive(name):
    assert 0 < points(listing(name), first=LISTINGS[name].size) <= 1000


@pytest.mark.parametrize(("kind", "nested"), RESTS, ids=[f"{kind.name}.{nested.field}" for kind, nested in RESTS])
def test_the_rest_of_a_list_is_not_too_expensive(kind, nested):
    assert 0 < points(rest_of(kind, nested), id=f"gid://shopify/{kind.name}/1", first=REST_PAGE) <= 1000


def connections(selections: SelectionSetNode) -> Iterator[tuple[str, set[str]]]:
    """Every connection asked for below a selection, and what is asked of it."""
    for node in selections.selections:
        if isinstance(node, FieldNode) and any(given.name.value == "first" for given in node.arguments):
            yield node.name.value, {below.name.value for below in node.selection_set.selections}
        if getattr(node, "selection_set", None):
            yield from connections(node.selection_set)


@pytest.mark.parametrize("name", LISTINGS)
def test_no_list_is_asked_for_without_whether_more_follows(name):
    (operation,) = parse(listing(name)).definitions
    found = list(connections(operation.selection_set))
    declared = [nested.field for _, nested in lists_of(LISTINGS[name].of)]
    assert sorted(field for field, _ in found) == sorted([LISTINGS[name].root, *declared])
    assert all("pageInfo" in asked for _, asked in found)


def test_a_row_with_a_part_of_its_lists_says_which():
    more, whole = {"nodes": [], "pageInfo": {"hasNextPage": True}}, {"nodes": [], "pageInfo": {"hasNextPage": False}}
    order = {"id": "gid://shopify/Order/1", "lineItems": more, "fulfillmentOrders": whole, "returns": more}
    (row,) = rows_of([order], ORDER)
    assert row["record_key"] == "1"
    assert row["ingest_error"] == "lineItems, returns: Shopify says that more follow, and does not give them"


@pytest.mark.parametrize("lists", [{}, {"returnLineItems": None}, {"returnLineItems": [1]}, {"returnLineItems": {}}])
def test_a_list_of_another_shape_is_left_to_staging(lists):
    (row,) = rows_of([{"id": "gid://shopify/Return/1", **lists}], RETURN)
    assert row["ingest_error"] is None


def test_an_unreadable_row_keeps_its_own_reason():
    (row,) = rows_of([{"returnLineItems": {"pageInfo": {"hasNextPage": True}}}], RETURN)
    assert row["ingest_error"] == "no id"
