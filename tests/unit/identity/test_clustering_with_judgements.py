"""People's judgements hold whatever the scores say; a component alone clusters as it does among all others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.clustering import Pairs, cluster, near_components, one_record_per_source
from identity.components import connected_components
from identity.scoring import Scores

THRESHOLD = 1.0
PRIORS = [-1.0, -0.5]
STAND_INS = [(1, 0)]


@dataclass(frozen=True)
class Graph:
    """Scored pairs over `records` records, two comparisons, one rival, with judgements."""

    records: int
    scores: Scores
    forbidden: np.ndarray
    together: Pairs
    apart: Pairs

    def cluster(self) -> np.ndarray:
        return cluster(
            self.records, self.scores, PRIORS, STAND_INS, self.forbidden, THRESHOLD, self.together, self.apart
        )

    def renumbered(self, members: np.ndarray) -> Graph:
        """The part of the graph that `members` (in order) span."""
        number = np.full(self.records, -1)
        number[members] = np.arange(len(members))
        kept = (number[self.scores.left] >= 0) & (number[self.scores.right] >= 0)
        scores = self.scores.subset(kept)
        scores = replace(scores, left=number[scores.left].astype(np.int32), right=number[scores.right].astype(np.int32))
        judged = [
            tuple(number[side][(number[pair[0]] >= 0) & (number[pair[1]] >= 0)] for side in pair)
            for pair in (self.together, self.apart)
        ]
        return Graph(len(members), scores, self.forbidden[kept], judged[0], judged[1])


def arrays(pairs: list[tuple[int, int]]) -> Pairs:
    return np.array([a for a, _ in pairs], dtype=np.int64), np.array([b for _, b in pairs], dtype=np.int64)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    records = draw(st.integers(2, 14))
    every = list(combinations(range(records), 2))
    scored = sorted(draw(st.lists(st.sampled_from(every), unique=True, max_size=40)))
    # Few different weights, so that ties are common; steps that float32 does not hold exactly.
    weight = st.sampled_from([-9.7, -3.1, 0.0, 1.3, 2.1, 4.9, 9.7])
    values = draw(st.lists(st.tuples(weight, weight, weight), min_size=len(scored), max_size=len(scored)))
    there = draw(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=len(scored), max_size=len(scored)))
    gammas = np.array(there, dtype=np.int8).reshape(-1, 2) - 1
    bits = np.array(values, dtype=np.float32).reshape(-1, 3)
    parts = np.where(gammas >= 0, bits[:, :2], 0).astype(np.float32)
    rival = np.where(gammas >= 0, bits[:, 1:], 0).astype(np.float32)
    left, right = arrays(scored)
    scores = Scores(
        left.astype(np.int32), right.astype(np.int32), parts, (rival,), parts.sum(axis=1, dtype=np.float64), gammas
    )
    together = arrays(draw(st.lists(st.sampled_from(every), max_size=3)))
    person = connected_components(records, *together)
    different = [pair for pair in every if person[pair[0]] != person[pair[1]]]
    apart = arrays(draw(st.lists(st.sampled_from(different), max_size=4)) if different else [])
    forbidden = np.array(draw(st.lists(st.booleans(), min_size=len(scored), max_size=len(scored))), dtype=np.bool_)
    return Graph(records, scores, forbidden & (gammas[:, 0] == 0), together, apart)


@given(graphs())
def test_judgements_always_hold(graph: Graph) -> None:
    labels = graph.cluster()
    assert (labels[graph.together[0]] == labels[graph.together[1]]).all()
    assert (labels[graph.apart[0]] != labels[graph.apart[1]]).all()
    assert (labels[labels] == labels).all()
    assert (labels <= np.arange(graph.records)).all()


@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_pairs_does_not_matter(graph: Graph, random: object) -> None:
    shuffled = np.array(random.sample(range(len(graph.forbidden)), len(graph.forbidden)), dtype=int)  # type: ignore[attr-defined]
    turned = replace(
        graph,
        scores=graph.scores.subset(shuffled),
        forbidden=graph.forbidden[shuffled],
        together=(graph.together[1][::-1], graph.together[0][::-1]),
        apart=(graph.apart[1][::-1], graph.apart[0][::-1]),
    )
    assert turned.cluster().tolist() == graph.cluster().tolist()


@given(graphs())
def test_a_component_alone_clusters_as_among_all_others(graph: Graph) -> None:
    labels = graph.cluster()
    component = near_components(graph.records, graph.scores, graph.together)
    for name in np.unique(component):
        members = np.flatnonzero(component == name)
        alone = members[graph.renumbered(members).cluster()]
        assert alone.tolist() == labels[members].tolist()


@given(graphs(), graphs())
def test_portions_of_any_size_give_the_same_clusters(one: Graph, other: Graph) -> None:
    import identity.clustering

    shift = one.records
    both = Graph(
        one.records + other.records,
        Scores(
            np.concatenate([one.scores.left, other.scores.left + shift]).astype(np.int32),
            np.concatenate([one.scores.right, other.scores.right + shift]).astype(np.int32),
            np.concatenate([one.scores.parts, other.scores.parts]),
            (np.concatenate([one.scores.rival_parts[0], other.scores.rival_parts[0]]),),
            np.concatenate([one.scores.weight, other.scores.weight]),
            np.concatenate([one.scores.gammas, other.scores.gammas]),
        ),
        np.concatenate([one.forbidden, other.forbidden]),
        tuple(np.concatenate([a, b + shift]) for a, b in zip(one.together, other.together, strict=True)),  # type: ignore[arg-type]
        tuple(np.concatenate([a, b + shift]) for a, b in zip(one.apart, other.apart, strict=True)),  # type: ignore[arg-type]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identity.clustering, "_LINKS_AT_ONCE", 3)
        assert both.cluster().tolist() == [*one.cluster().tolist(), *(other.cluster() + shift).tolist()]


@given(graphs(), st.data())
def test_each_source_may_know_a_person_once(graph: Graph, data: st.DataObject) -> None:
    source = np.array(data.draw(st.lists(st.integers(0, 2), min_size=graph.records, max_size=graph.records)))
    component = near_components(graph.records, graph.scores, graph.together)
    apart = one_record_per_source(source, component, graph.together)
    person = connected_components(graph.records, *graph.together)
    expected = {
        (a, b)
        for a, b in combinations(range(graph.records), 2)
        if source[a] == source[b] and component[a] == component[b] and person[a] != person[b]
    }
    assert {(min(a, b), max(a, b)) for a, b in zip(*(side.tolist() for side in apart), strict=True)} == expected
    labels = replace(graph, apart=apart).cluster()
    for a, b in combinations(range(graph.records), 2):
        assert labels[a] != labels[b] or source[a] != source[b] or person[a] == person[b]


def test_a_judged_pair_needs_no_score() -> None:
    nothing = np.empty(0, dtype=np.int32)
    scores = Scores(nothing, nothing, np.empty((0, 1), np.float32), (), np.empty(0), np.empty((0, 1), np.int8))
    none = np.empty(0, dtype=np.bool_)
    found = cluster(4, scores, [0.0], [], none, 1.0, together=arrays([(3, 1), (1, 2)]), apart=arrays([(0, 3)]))
    assert found.tolist() == [0, 1, 1, 1]


def test_apart_holds_through_a_third_record() -> None:
    left, right = arrays([(0, 1), (1, 2)])
    bits = np.array([[12.0], [8.0]], dtype=np.float32)
    scores = Scores(
        left.astype(np.int32), right.astype(np.int32), bits, (), bits[:, 0].astype(float), np.zeros((2, 1), np.int8)
    )
    none = np.zeros(2, dtype=np.bool_)
    assert cluster(3, scores, [0.0], [], none, 1.0).tolist() == [0, 0, 0]
    assert cluster(3, scores, [0.0], [], none, 1.0, apart=arrays([(2, 0)])).tolist() == [0, 0, 2]


def test_together_beats_a_contradiction() -> None:
    left, right = arrays([(0, 1)])
    bits = np.array([[-30.0]], dtype=np.float32)
    scores = Scores(
        left.astype(np.int32), right.astype(np.int32), bits, (), bits[:, 0].astype(float), np.zeros((1, 1), np.int8)
    )
    assert cluster(2, scores, [0.0], [], np.ones(1, np.bool_), 1.0, together=arrays([(0, 1)])).tolist() == [0, 0]


def test_judgements_that_contradict_each_other_are_refused() -> None:
    nothing = np.empty(0, dtype=np.int32)
    scores = Scores(nothing, nothing, np.empty((0, 1), np.float32), (), np.empty(0), np.empty((0, 1), np.int8))
    with pytest.raises(ValueError, match="kept apart whose records are to be kept together"):
        cluster(
            3,
            scores,
            [0.0],
            [],
            np.empty(0, np.bool_),
            1.0,
            together=arrays([(0, 1), (1, 2)]),
            apart=arrays([(0, 2)]),
        )
