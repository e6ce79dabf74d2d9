"""Where a customer would fall apart first: its minimum cut, its bridges, and the weakest of the ties that hold it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import networkx as nx

Pair = tuple[str, str]

# Stoer and Wagner's algorithm takes a second for as many groups of records that no minimum cut separates.
_MOST_GROUPS: Final = 200


@dataclass(frozen=True)
class Cut:
    """The edges with the least bits together without which the records are no longer one piece.

    `side` is the smaller part, `weight` the sum of bits. `edges` is empty when the records are not connected by edges
    that speak for one person; `pairs` are ordered by weight, the strongest first.
    """

    weight: float
    side: tuple[str, ...]
    edges: tuple[Pair, ...]


@dataclass(frozen=True)
class Structure:
    """`cut`: null for a record alone or where there are too many to say; `weakest`: the tie that gives way first."""

    cut: Cut | None
    bridges: tuple[Pair, ...]
    weakest: Pair | None


def structure(records: Iterable[str], weights: Mapping[Pair, float]) -> Structure:
    """How a group of records holds together.

    Args:
        records: ids of the group.
        weights: bits per pair of them, the smaller id first; pairs without bits in favour hold nothing together.
    """
    graph = _graph(records, weights)
    tree = nx.maximum_spanning_edges(graph, algorithm="kruskal", data=False)
    ties = sorted(_ordered(a, b) for a, b in tree)
    return Structure(
        cut=minimum_cut(graph.nodes, weights),
        bridges=tuple(sorted(_ordered(a, b) for a, b in nx.bridges(graph))),
        weakest=min(ties, key=lambda pair: (weights[pair], pair), default=None),
    )


def minimum_cut(records: Iterable[str], weights: Mapping[Pair, float]) -> Cut | None:
    """The cut of least weight (Stoer and Wagner 1997); null for fewer than two records, or for too many.

    Edges heavier than some cut that is known are in no minimum cut: their ends are put together first (Padberg and
    Rinaldi 1990), which leaves little to cut of even a large customer.
    """
    graph = _graph(records, weights)
    if len(graph) < 2:
        return None
    if not nx.is_connected(graph):
        pieces = sorted((sorted(piece) for piece in nx.connected_components(graph)), key=lambda p: (len(p), p))
        return Cut(0.0, tuple(pieces[0]), ())
    sides = _merge_the_inseparable(graph)
    groups = _contracted(graph, sides)
    if len(groups) > _MOST_GROUPS:
        return None
    weight, (one, _) = nx.stoer_wagner(groups)
    inside = {record for record, group in sides.items() if group in set(one)}
    side = min(sorted(inside), sorted(set(graph) - inside), key=lambda part: (len(part), part))
    edges = [pair for pair in _positive(weights) if (pair[0] in side) != (pair[1] in side)]
    edges.sort(key=lambda pair: (-weights[pair], pair))
    return Cut(float(weight), tuple(side), tuple(edges))


def _positive(weights: Mapping[Pair, float]) -> list[Pair]:
    return sorted(pair for pair, bits in weights.items() if bits > 0)


def _graph(records: Iterable[str], weights: Mapping[Pair, float]) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(sorted(records))
    graph.add_weighted_edges_from((a, b, weights[(a, b)]) for a, b in _positive(weights))
    return graph


def _merge_the_inseparable(graph: nx.Graph) -> dict[str, str]:
    """Each record's group, named by one of its records; at least two groups stay."""
    group = {record: record for record in graph}
    while True:
        contracted = _contracted(graph, group)
        known = _light_cut(contracted)
        heavy = nx.Graph((a, b) for a, b, bits in contracted.edges(data="weight") if bits > known)
        if not len(heavy):
            return group
        into = {name: min(piece) for piece in nx.connected_components(heavy) for name in piece}
        group = {record: into.get(name, name) for record, name in group.items()}


def _light_cut(graph: nx.Graph) -> float:
    """The weight of some light cut: the lightest of one record alone, and of the two sides of the weakest tie."""
    alone = min(bits for _, bits in graph.degree(weight="weight"))
    tree = nx.maximum_spanning_tree(graph)
    tree.remove_edge(*min(tree.edges(data="weight"), key=lambda edge: (edge[2], edge[:2]))[:2])
    side = next(nx.connected_components(tree))
    return float(min(alone, sum(bits for a, b, bits in graph.edges(data="weight") if (a in side) != (b in side))))


def _contracted(graph: nx.Graph, group: Mapping[str, str]) -> nx.Graph:
    contracted = nx.Graph()
    contracted.add_nodes_from(sorted(set(group.values())))
    for a, b, bits in graph.edges(data="weight"):
        one, other = group[a], group[b]
        if one != other:
            already = contracted[one][other]["weight"] if contracted.has_edge(one, other) else 0.0
            contracted.add_edge(one, other, weight=already + bits)
    return contracted


def _ordered(a: str, b: str) -> Pair:
    return (a, b) if a < b else (b, a)
