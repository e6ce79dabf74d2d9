"""What the picture of a customer shows: nodes and edges; a large customer with its firmest records put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import networkx as nx

from identity.why.customer import Anatomy, CustomerExplanation
from identity.why.minimum_cut import Pair

MOST_RECORDS: Final = 60
"""A customer of more records is drawn as groups of records."""
_MOST_GROUPS: Final = 24
# More edges hide each other.
_MOST_EDGES: Final = 90
_STRONGEST_OF_EACH: Final = 3


@dataclass(frozen=True)
class Node:
    """One record, one group of records, or a neighbour that was not merged.

    `mark` is written in the node and in the table under the picture; `off_side`: on the side of the minimum cut that
    would come off.
    """

    mark: str
    label: str
    records: int
    off_side: bool = False
    neighbour: bool = False


@dataclass(frozen=True)
class Edge:
    """A tie between two nodes by their places; `kind`: held, cut (of the minimum cut) or near (not merged)."""

    a: int
    b: int
    bits: float
    kind: Literal["held", "cut", "near"]


@dataclass(frozen=True)
class Drawing:
    """Nodes, edges, and per record of the customer the mark of the node that it is drawn in.

    `left_out`: how many weaker ties are not drawn.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    marks: tuple[str, ...]
    summarised: bool
    left_out: int


def draw(explanation: CustomerExplanation, anatomy: Anatomy) -> Drawing:
    """What to draw of a customer; labels come from the explanation, and are masked as it is."""
    weights = {pair: view.match_weight for pair, view in zip(anatomy.edges, explanation.edges, strict=True)}
    ties = {pair: bits for pair, bits in weights.items() if bits > 0}
    summarised = len(anatomy.members) > MOST_RECORDS
    group = _groups(anatomy, ties) if summarised else {record: record for record in anatomy.members}
    names = sorted(set(group.values()))
    place = {name: number for number, name in enumerate(names)}
    nodes = _member_nodes(explanation, anatomy, group, names)
    cut = set(anatomy.structure.cut.edges if anatomy.structure.cut else ())
    between = _between(ties, group)
    crossing = {_ordered(group[a], group[b]) for a, b in cut}
    kept = _worth_drawing(between, crossing)
    edges = [
        Edge(place[a], place[b], bits, "cut" if (a, b) in crossing else "held") for (a, b), bits in sorted(kept.items())
    ]
    for number, (neighbour, pair) in enumerate(zip(explanation.nearest, anatomy.neighbours, strict=True)):
        ours = next(record for record in pair if record in group)
        nodes.append(Node(_letter(number), neighbour.customer_id, 1, neighbour=True))
        edges.append(Edge(place[group[ours]], len(nodes) - 1, neighbour.best, "near"))
    marks = tuple(nodes[place[group[record]]].mark for record in anatomy.members)
    return Drawing(tuple(nodes), tuple(edges), marks, summarised, len(between) - len(kept))


def _member_nodes(
    explanation: CustomerExplanation, anatomy: Anatomy, group: Mapping[str, str], names: list[str]
) -> list[Node]:
    side = set(anatomy.structure.cut.side if anatomy.structure.cut else ())
    views = dict(zip(anatomy.members, (holding.record for holding in explanation.holdings), strict=True))
    sizes: dict[str, int] = {}
    for name in group.values():
        sizes[name] = sizes.get(name, 0) + 1
    return [
        Node(
            str(number + 1),
            f"{views[name].source}: {views[name].name}" if sizes[name] == 1 else f"{sizes[name]:,} records",
            sizes[name],
            off_side=name in side,
        )
        for number, name in enumerate(names)
    ]


def _groups(anatomy: Anatomy, ties: Mapping[Pair, float]) -> dict[str, str]:
    """Records put together along the strongest ties, until few enough are left; never across the minimum cut."""
    cut = set(anatomy.structure.cut.edges if anatomy.structure.cut else ())
    graph = nx.Graph()
    graph.add_nodes_from(anatomy.members)
    graph.add_weighted_edges_from((a, b, bits) for (a, b), bits in sorted(ties.items()) if (a, b) not in cut)
    forest = list(nx.maximum_spanning_edges(graph, algorithm="kruskal"))
    forest.sort(key=lambda edge: (-edge[2]["weight"], edge[0], edge[1]))
    merged = nx.Graph()
    merged.add_nodes_from(anatomy.members)
    merged.add_edges_from(edge[:2] for edge in forest[: max(len(anatomy.members) - _MOST_GROUPS, 0)])
    return {record: min(piece) for piece in nx.connected_components(merged) for record in piece}


def _between(ties: Mapping[Pair, float], group: Mapping[str, str]) -> dict[Pair, float]:
    """The strongest tie between each two nodes."""
    strongest: dict[Pair, float] = {}
    for (a, b), bits in ties.items():
        if group[a] != group[b]:
            ends = _ordered(group[a], group[b])
            strongest[ends] = max(bits, strongest.get(ends, 0.0))
    return strongest


def _worth_drawing(between: Mapping[Pair, float], crossing: set[Pair]) -> dict[Pair, float]:
    """All edges if they are few; else what holds everything together, the cut, and each node's strongest."""
    if len(between) <= _MOST_EDGES:
        return dict(between)
    graph = nx.Graph()
    graph.add_weighted_edges_from((a, b, bits) for (a, b), bits in sorted(between.items()))
    kept = {_ordered(a, b) for a, b in nx.maximum_spanning_edges(graph, data=False)} | (crossing & between.keys())
    for node in graph:
        ties = sorted(graph[node], key=lambda other: (-graph[node][other]["weight"], other))
        kept |= {_ordered(node, other) for other in ties[:_STRONGEST_OF_EACH]}
    return {pair: between[pair] for pair in kept}


def _ordered(a: str, b: str) -> Pair:
    return (a, b) if a < b else (b, a)


def _letter(number: int) -> str:
    return chr(ord("A") + number % 26) + (str(number // 26) if number >= 26 else "")
