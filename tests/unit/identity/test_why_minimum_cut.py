"""Where a customer falls apart: the minimum cut is the least of all cuts, whatever was put together on the way."""

from __future__ import annotations

from itertools import combinations, pairwise

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.why.minimum_cut import Pair, Structure, minimum_cut, structure

NAMES = [f"r{number}" for number in range(8)]


@st.composite
def graphs(draw: st.DrawFn, most: int = 8) -> tuple[list[str], dict[Pair, float]]:
    names = NAMES[: draw(st.integers(2, most))]
    pairs = list(combinations(names, 2))
    bits = draw(
        st.lists(st.sampled_from([-5.0, 0.0, 0.5, 1.0, 2.5, 7.0, 30.0]), min_size=len(pairs), max_size=len(pairs))
    )
    chosen = draw(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs)))
    return names, {pair: bit for pair, bit, there in zip(pairs, bits, chosen, strict=True) if there}


def least_of_all_cuts(names: list[str], weights: dict[Pair, float]) -> float:
    sides = (set(side) for size in range(1, len(names)) for side in combinations(names, size))
    crossing = (
        sum(bits for pair, bits in weights.items() if bits > 0 and len(side & set(pair)) == 1) for side in sides
    )
    return min(crossing)


@settings(max_examples=150)
@given(graphs())
def test_no_cut_is_lighter(graph: tuple[list[str], dict[Pair, float]]) -> None:
    names, weights = graph
    cut = minimum_cut(names, weights)
    assert cut is not None
    assert cut.weight == pytest.approx(least_of_all_cuts(names, weights))
    assert sum(weights[pair] for pair in cut.edges) == pytest.approx(cut.weight)
    assert [weights[pair] for pair in cut.edges] == sorted((weights[pair] for pair in cut.edges), reverse=True)
    assert 1 <= len(cut.side) <= len(names) / 2


@settings(max_examples=100)
@given(graphs())
def test_without_its_edges_the_customer_falls_apart(graph: tuple[list[str], dict[Pair, float]]) -> None:
    names, weights = graph
    cut = minimum_cut(names, weights)
    assert cut is not None
    left = nx.Graph()
    left.add_nodes_from(names)
    left.add_edges_from(pair for pair, bits in weights.items() if bits > 0 and pair not in cut.edges)
    assert not nx.is_connected(left)
    assert not any(left.has_edge(a, b) for a in cut.side for b in set(names) - set(cut.side))


@given(graphs(), st.randoms())
def test_the_order_of_records_and_edges_does_not_matter(graph: tuple[list[str], dict[Pair, float]], random) -> None:
    names, weights = graph
    pairs = list(weights.items())
    shuffled = random.sample(names, len(names))
    assert structure(shuffled, dict(random.sample(pairs, len(pairs)))) == structure(names, weights)


@given(graphs())
def test_the_weakest_link_is_the_least_on_the_firmest_tree(graph: tuple[list[str], dict[Pair, float]]) -> None:
    names, weights = graph
    strong = nx.Graph()
    strong.add_weighted_edges_from((a, b, bits) for (a, b), bits in weights.items() if bits > 0)
    weakest = structure(names, weights).weakest
    if not strong:
        assert weakest is None
        return
    assert weakest is not None
    without = [pair for pair, bits in weights.items() if bits > weights[weakest]]
    left = nx.Graph(without)
    # Among firmer ties alone its two ends do not meet.
    assert weakest[0] not in left or weakest[1] not in left or not nx.has_path(left, *weakest)


def test_two_groups_that_one_edge_ties() -> None:
    groups = {("a", "b"): 9.0, ("a", "c"): 9.0, ("b", "c"): 9.0, ("d", "e"): 20.0, ("c", "d"): 3.0}
    found = structure("abcde", groups)
    assert found.cut is not None
    assert (found.cut.weight, found.cut.side, found.cut.edges) == (3.0, ("d", "e"), (("c", "d"),))
    assert found.bridges == (("c", "d"), ("d", "e"))
    assert found.weakest == ("c", "d")


def test_a_large_customer_is_cut_too() -> None:
    names = [f"r{number:04}" for number in range(700)]
    chain = dict.fromkeys(pairwise(names), 20.0)
    cut = minimum_cut(names, {**chain, (names[349], names[350]): 1.0, (names[0], names[-1]): 2.0})
    assert cut is not None
    assert (cut.weight, len(cut.side)) == (3.0, 350)


def test_a_record_alone_has_nothing_to_cut() -> None:
    assert structure(["a"], {}) == Structure(cut=None, bridges=(), weakest=None)
