"""Executes validated GraphQL selections over plain payloads.

graphql-core parses, validates and coerces; its executor is too slow for pages of 250 nested objects, so a selection is
compiled once into a tree of readers and then applied to every object of the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
)
from graphql.execution.values import get_argument_values, get_directive_values
from graphql.type import GraphQLIncludeDirective, GraphQLSkipDirective

from sandbox.vendors.stream import Json, Patch, Payload, Raw

LARGEST_PAGE: Final = 250


class GraphqlRefusal(Exception):
    """An error of the whole request, with Shopify's code in its extensions."""

    def __init__(self, message: str, code: str = "BAD_REQUEST") -> None:
        """Keep the words and the code."""
        super().__init__(message)
        self.message, self.code = message, code


@dataclass(frozen=True)
class Reader:
    """One selected field: where it goes, what it reads, and the readers below it."""

    key: str
    field: str
    arguments: Mapping[str, Any]
    selection: tuple[Reader, ...] | None
    connection: bool


Patches = Callable[[Payload], Patch | None]


class Compiler:
    """Compiles the selections of one request."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, Any]
    ) -> None:
        """Take the request's fragments and coerced variables."""
        self._schema, self._fragments, self._variables = schema, fragments, dict(variables)

    def compile(self, kind: GraphQLOutputType, selections: SelectionSetNode) -> tuple[Reader, ...]:
        """The readers for a selection on a type; same response keys are merged."""
        concrete = self._concrete(kind)
        merged: dict[str, list[FieldNode]] = {}
        self._collect(concrete, selections, merged)
        return tuple(self._reader(concrete, key, nodes) for key, nodes in merged.items())

    def _wanted(self, node: SelectionNode) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def _collect(self, kind: GraphQLObjectType, selections: SelectionSetNode, into: dict[str, list[FieldNode]]) -> None:
        for node in selections.selections:
            if not self._wanted(node):
                continue
            if isinstance(node, FieldNode):
                into.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
                continue
            fragment = self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            if isinstance(fragment, InlineFragmentNode | FragmentDefinitionNode) and _applies(fragment, kind):
                self._collect(kind, fragment.selection_set, into)

    def _reader(self, kind: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Reader:
        name = nodes[0].name.value
        if name == "__typename":
            return Reader(key, name, {"name": kind.name}, None, False)
        definition = kind.fields[name]
        arguments = get_argument_values(definition, nodes[0], self._variables)
        below = get_named_type(definition.type)
        if not is_composite_type(below):
            return Reader(key, name, arguments, None, False)
        whole = SelectionSetNode(selections=tuple(one for node in nodes for one in _below(node)))
        connection = below.name.endswith("Connection")
        if connection:
            _check_page(name, arguments)
        if below.name == "Node":
            below = self._identified(arguments["id"])
        return Reader(key, name, arguments, self.compile(below, whole), connection)

    def _identified(self, sent: str) -> GraphQLObjectType:
        """The type that a global id speaks of."""
        found = self._schema.get_type(named_kind(sent))
        if not isinstance(found, GraphQLObjectType) or "Node" not in {one.name for one in found.interfaces}:
            raise GraphqlRefusal(f"Invalid global id '{sent}'", "INVALID_VARIABLE")
        return found

    def _concrete(self, kind: GraphQLOutputType) -> GraphQLObjectType:
        named = get_named_type(kind)
        # But for Node, every interface of this schema has one implementation.
        if isinstance(named, GraphQLInterfaceType):
            return self._schema.get_possible_types(named)[0]
        return cast(GraphQLObjectType, named)


def named_kind(sent: str) -> str:
    """The type's name in a global id, gid://shopify/<type>/<number>; empty when it is none."""
    found = re.fullmatch(r"gid://shopify/(\w+)/[^/]+", sent)
    return found.group(1) if found else ""


def _applies(fragment: InlineFragmentNode | FragmentDefinitionNode, kind: GraphQLObjectType) -> bool:
    condition = fragment.type_condition
    return condition is None or condition.name.value in {kind.name, *(one.name for one in kind.interfaces)}


def _below(node: FieldNode) -> tuple[SelectionNode, ...]:
    return tuple(node.selection_set.selections) if node.selection_set else ()


def _check_page(name: str, arguments: Mapping[str, Any]) -> None:
    first, last = arguments.get("first"), arguments.get("last")
    if first is None and last is None:
        raise GraphqlRefusal(f"you must provide one of first or last for `{name}`")
    for size in (first, last):
        if size is not None and not 0 <= size <= LARGEST_PAGE:
            raise GraphqlRefusal(f"first and last must be between 0 and {LARGEST_PAGE} for `{name}`, {size} given")


def project(value: Json, readers: tuple[Reader, ...], patches: Patches) -> Json:
    """The selected fields of a payload, of each payload of a list, or None."""
    if isinstance(value, list):
        return [project(one, readers, patches) for one in value]
    if value is None or isinstance(value, Raw) or not isinstance(value, dict):
        return value
    found: Payload = {}
    for reader in readers:
        if reader.field == "__typename":
            found[reader.key] = reader.arguments["name"]
            continue
        held = value.get(reader.field)
        if reader.selection is None:
            found[reader.key] = held
        elif reader.connection:
            found[reader.key] = _nested(held or [], reader, patches)
        else:
            if isinstance(held, list) and reader.arguments.get("first") is not None:
                held = held[: reader.arguments["first"]]
            found[reader.key] = project(held, reader.selection, patches)
    patch = patches(value)
    return found if patch is None else patch.apply(found)


def _nested(held: list[Payload], reader: Reader, patches: Patches) -> Payload:
    """A connection below an object: its cursor is the place in the list."""
    places = list(range(len(held)))
    if reader.arguments.get("reverse"):
        places.reverse()
    after = reader.arguments.get("after")
    if after is not None:
        places = places[places.index(int(after)) + 1 :] if after.isdigit() and int(after) in places else []
    size = reader.arguments.get("first")
    page = places[:size] if size is not None else places[-reader.arguments["last"] :]
    return connection([(str(at), held[at]) for at in page], reader, patches, more=len(page) < len(places))


def connection(
    page: list[tuple[str, Payload]], reader: Reader, patches: Patches, *, more: bool, earlier: bool = False
) -> Payload:
    """A connection over one page of (cursor, payload)."""
    found: Payload = {}
    for part in reader.selection or ():
        if part.field == "pageInfo":
            info = {
                "hasNextPage": more,
                "hasPreviousPage": earlier or reader.arguments.get("after") is not None,
                "startCursor": page[0][0] if page else None,
                "endCursor": page[-1][0] if page else None,
            }
            found[part.key] = project(info, part.selection or (), patches)
        elif part.field == "nodes":
            found[part.key] = [project(one, part.selection or (), patches) for _, one in page]
        elif part.field == "edges":
            edges = [{"cursor": cursor, "node": one} for cursor, one in page]
            found[part.key] = project(edges, part.selection or (), patches)
        else:
            found[part.key] = part.arguments.get("name")
    return found
