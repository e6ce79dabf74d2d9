"""Selections on payloads, and what a query costs."""

import pytest
from graphql import parse, validate

from sandbox.vendors.shopify import cost, schema
from sandbox.vendors.shopify.projection import Compiler, GraphqlRefusal, Reader, connection, project
from sandbox.vendors.stream import Payload, Raw

SCHEMA = schema.build()
ORDER = {
    "id": "gid://shopify/Order/1",
    "customer": {"id": "gid://shopify/Customer/1", "firstName": "Ada"},
    "fulfillments": [{"status": "SUCCESS"}, {"status": "CANCELLED"}],
    "lineItems": [{"title": f"Mug {n}"} for n in range(3)],
    "returns": [{"returnLineItems": [{"quantity": 2}]}],
}


def readers(text: str, **variables: object) -> tuple[Reader, ...]:
    document = parse(text)
    assert validate(SCHEMA, document) == []
    operation, *fragments = document.definitions
    named = {one.name.value: one for one in fragments}
    return Compiler(SCHEMA, named, variables).compile(SCHEMA.query_type, operation.selection_set)


def order(selection: str, more: str = "", declared: str = "", **variables: object) -> Payload:
    whole = f"query {declared} {{ orders(first: 1) {{ nodes {{ {selection} }} }} }} {more}"
    (root,) = readers(whole, **variables)
    return connection([("c", ORDER)], root, lambda _: None, more=False)["nodes"][0]


def test_aliases_fragments_and_directives() -> None:
    found = order(
        "key: id ...who __typename phone @include(if: $yes)",
        "fragment who on Order { customer { firstName } }",
        "($yes: Boolean!)",
        yes=False,
    )
    assert found == {"key": ORDER["id"], "customer": {"firstName": "Ada"}, "__typename": "Order"}


def test_the_same_field_twice_is_merged() -> None:
    assert order("customer { id } customer { firstName }") == {"customer": ORDER["customer"]}


def test_nested_connections_page_by_their_own_cursors() -> None:
    first = order(
        "lineItems(first: $n) { nodes { title } pageInfo { hasNextPage endCursor } }", declared="($n: Int)", n=2
    )
    assert first["lineItems"]["nodes"] == [{"title": "Mug 0"}, {"title": "Mug 1"}]
    assert first["lineItems"]["pageInfo"] == {"hasNextPage": True, "endCursor": "1"}
    rest = order('lineItems(first: 2, after: "1") { edges { cursor node { title } } pageInfo { hasNextPage } }')
    assert rest["lineItems"] == {
        "edges": [{"cursor": "2", "node": {"title": "Mug 2"}}],
        "pageInfo": {"hasNextPage": False},
    }


def test_a_list_takes_first() -> None:
    assert order("fulfillments(first: 1) { status }") == {"fulfillments": [{"status": "SUCCESS"}]}


def test_an_interface_is_reached_through_its_type() -> None:
    found = order(
        "returns(first: 1) { nodes { returnLineItems(first: 5) { nodes { ... on ReturnLineItem { quantity } } } } }"
    )
    assert found == {"returns": {"nodes": [{"returnLineItems": {"nodes": [{"quantity": 2}]}}]}}


def test_a_node_is_of_the_type_that_its_id_says() -> None:
    (node,) = readers('{ node(id: "gid://shopify/Order/1") { id ... on Order { email } ... on Product { title } } }')
    assert project(ORDER | {"title": "no"}, node.selection or (), lambda _: None) == {"id": ORDER["id"], "email": None}


@pytest.mark.parametrize("sent", ["1", "gid://shopify/Cart/1", "gid://shopify/MoneyV2/1"])
def test_an_id_of_no_node_is_refused(sent: str) -> None:
    with pytest.raises(GraphqlRefusal, match="Invalid global id"):
        readers(f'{{ node(id: "{sent}") {{ id }} }}')


def test_a_raw_payload_is_served_whole() -> None:
    (root,) = readers("{ orders(first: 1) { nodes { id } } }")
    nodes = connection([("c", Raw(anything=1))], root, lambda _: None, more=False)["nodes"]
    assert nodes == [{"anything": 1}]


def test_none_stays_none() -> None:
    assert project(None, (), lambda _: None) is None


@pytest.mark.parametrize("arguments", ["", "(first: 251)", "(first: -1)"])
def test_connections_need_a_size_that_shopify_takes(arguments: str) -> None:
    with pytest.raises(GraphqlRefusal):
        readers(f"{{ orders{arguments} {{ nodes {{ id }} }} }}")


def test_cost_of_the_published_example() -> None:
    text = "{ products(first: 1) { nodes { id } } customers(first: 250) { nodes { amountSpent { amount } } } }"
    products, customers = readers(text)
    assert cost.requested((products,)) == 1
    assert cost.requested((customers,)) == 24


def test_what_was_found_never_costs_more_than_what_was_asked() -> None:
    (root,) = readers("{ orders(first: 50) { edges { node { lineItems(first: 50) { nodes { product { id } } } } } } }")
    answer = {"orders": connection([("c", ORDER)] * 2, root, lambda _: None, more=False)}
    assert 0 < cost.actual(answer, (root,)) < cost.requested((root,))
