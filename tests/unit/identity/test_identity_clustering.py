"""Clusters: no chain over one edge, no join over a contradiction, no joining of two that a third is torn between."""

from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.clustering import cluster
from identity.components import connected_components, link_strengths
from identity.scoring import Scores


def scores(pairs: dict[tuple[int, int], float]) -> Scores:
    """Pairs with one comparison that can always be made, and a prior of 0 bits."""
    order = sorted(pairs)
    left = np.array([a for a, _ in order], dtype=np.int32)
    right = np.array([b for _, b in order], dtype=np.int32)
    weight = np.array([pairs[pair] for pair in order], dtype=np.float64)
    parts = weight.astype(np.float32).reshape(-1, 1)
    return Scores(left, right, parts, (), weight, np.ones((len(order), 1), dtype=np.int8))


def labels(
    records: int, pairs: dict[tuple[int, int], float], forbidden: set[tuple[int, int]] | None = None
) -> list[int]:
    banned = np.array([pair in (forbidden or set()) for pair in sorted(pairs)], dtype=np.bool_)
    return cluster(records, scores(pairs), [0.0], [], banned, 1.0).tolist()


def test_one_edge_does_not_chain_two_people() -> None:
    two_triangles = {(0, 1): 9.0, (0, 2): 9.0, (1, 2): 9.0, (3, 4): 9.0, (3, 5): 9.0, (4, 5): 9.0}
    between = {(a, b): -6.0 for a in (0, 1, 2) for b in (3, 4, 5)}
    assert labels(6, {**two_triangles, **between, (2, 3): 8.0}) == [0, 0, 0, 3, 3, 3]


def test_pairs_that_agree_make_one_cluster() -> None:
    assert labels(4, {(0, 1): 5.0, (1, 2): 5.0, (0, 2): 4.0}) == [0, 0, 0, 3]


def test_a_contradiction_forbids_whatever_else_agrees() -> None:
    pairs = {(0, 1): 30.0, (0, 2): 30.0, (1, 2): 30.0}
    found = labels(3, pairs, {(1, 2)})
    assert found[1] != found[2]
    assert labels(3, pairs) == [0, 0, 0]


def test_a_record_torn_between_two_people_joins_neither() -> None:
    torn = {(0, 1): 12.0, (2, 3): 12.0, (0, 2): -8.0, (0, 3): -8.0, (1, 2): -8.0, (1, 3): -8.0}
    alike = {(0, 4): 4.0, (1, 4): 4.0, (2, 4): 4.0, (3, 4): 4.0}
    assert labels(5, {**torn, **alike}) == [0, 0, 2, 2, 4]
    assert labels(5, {**torn, (0, 4): 4.0, (1, 4): 4.0}) == [0, 0, 2, 2, 0]


def test_no_pairs_leave_everyone_alone() -> None:
    assert labels(3, {}) == [0, 1, 2]


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 30).flatmap(
        lambda n: st.tuples(st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1))))
    )
)
def test_components_agree_with_networkx(graph: tuple[int, list[tuple[int, int]]]) -> None:
    records, edges = graph
    expected = nx.Graph()
    expected.add_nodes_from(range(records))
    expected.add_edges_from(edges)
    truth = np.empty(records, dtype=int)
    for component in nx.connected_components(expected):
        truth[list(component)] = min(component)
    left, right = np.array([a for a, _ in edges], dtype=int), np.array([b for _, b in edges], dtype=int)
    assert connected_components(records, left, right).tolist() == truth.tolist()


def test_a_record_is_held_no_firmer_than_the_thinnest_edge_on_its_way_to_the_core() -> None:
    left, right = np.array([0, 0, 1, 2, 3]), np.array([1, 2, 2, 3, 4])
    weight = np.array([10.0, 10.0, 10.0, 2.0, 10.0])
    strength = link_strengths(6, left, right, weight, np.array([0, 0, 0, 0, 0, 5]))
    assert strength[3] == strength[4] == 0.8
    assert strength[0] == strength[1] > 0.99
    assert strength[5] == 1.0
