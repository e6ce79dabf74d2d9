"""Scored pairs to clusters: agglomeration by what groups of records know together, so that no edge chains two people.

Two clusters are compared as wholes: for each comparison the mean weight over the pairs between them that could be
compared, added up over the comparisons. A record with a name alone thus meets the e-mails, phones and birth dates of
everyone in a cluster at once. Clusters that are each other's best neighbour join in each round, until no two clusters
are more likely one person than not; every step is a set operation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from identity.components import Floats, Labels, connected_components
from identity.scoring import Scores, against_all

# What a pair that blocking never brought together says against its being one person, in bits.
_NOT_COMPARED: Final = -3.0
# A pair with less than this cannot start a join, and a component without such pairs needs no further look.
_NEAR: Final = -2.0


@dataclass(frozen=True)
class _Links:
    """Pairs of clusters (`a < b`, in order): sums of bits and numbers of compared pairs, per comparison.

    `bits`: link by kind (strangers, then rivals) by comparison; `compared`: link by comparison; `pairs`: scored pairs;
    `forbidden`: whether any of them must not meet in one cluster.
    """

    a: Labels
    b: Labels
    bits: Floats
    compared: Floats
    pairs: Floats
    forbidden: NDArray[np.bool_]


def cluster(
    records: int,
    scores: Scores,
    prior_weights: list[float],
    stand_ins: list[tuple[int, int]],
    forbidden: NDArray[np.bool_],
    threshold: float,
) -> Labels:
    """Label each record 0 … `records` - 1 with the smallest record of its cluster.

    Args:
        records: how many there are.
        scores: the pairs that were compared.
        prior_weights: bits before any comparison, against strangers and against each rival.
        stand_ins: pairs of comparisons (by place); the first counts only where the second could not compare.
        forbidden: pairs that must not meet in one cluster.
        threshold: bits from which two clusters join.
    """
    labels = np.arange(records)
    size = np.ones(records)
    links = _singles(records, scores, forbidden)
    while True:
        weight = _evidence(links, size, prior_weights, stand_ins)
        joined = _mutual_best(records, links, weight, size, threshold)
        if joined is None:
            return labels
        target = np.arange(records)
        target[joined[1]] = joined[0]
        size[joined[0]] += size[joined[1]]
        labels = target[labels]
        links = _relabel(records, links, target)


def _singles(records: int, scores: Scores, forbidden: NDArray[np.bool_]) -> _Links:
    """The pairs within components that near pairs hold together, as links between clusters of one record."""
    near = scores.weight >= _NEAR
    component = connected_components(records, scores.left[near], scores.right[near])
    kept = np.flatnonzero(component[scores.left] == component[scores.right])
    bits = np.stack([part[kept] for part in (scores.parts, *scores.rival_parts)], axis=1).astype(np.float64)
    return _Links(
        scores.left[kept].astype(np.int64),
        scores.right[kept].astype(np.int64),
        bits,
        (scores.gammas[kept] >= 0).astype(np.float64),
        np.ones(len(kept)),
        forbidden[kept],
    )


def _evidence(links: _Links, size: Floats, prior_weights: list[float], stand_ins: list[tuple[int, int]]) -> Floats:
    """Bits for each link's two clusters being one person."""
    means = links.bits / np.maximum(links.compared, 1.0)[:, np.newaxis, :]
    for stand_in, real in stand_ins:
        means[links.compared[:, real] > 0, :, stand_in] = 0.0
    mean = means.sum(axis=2)
    weight = against_all([mean[:, kind] + prior for kind, prior in enumerate(prior_weights)])
    possible = size[links.a] * size[links.b]
    weight += (1.0 - links.pairs / possible) * _NOT_COMPARED
    weight[links.forbidden] = -np.inf
    # Sums of floats differ in their last bits with the order of the pairs.
    return np.round(weight, 9)


def _mutual_best(
    records: int, links: _Links, weight: Floats, size: Floats, threshold: float
) -> tuple[Labels, Labels] | None:
    """Pairs of clusters that are each other's best neighbour (the one kept, the one that joins it); null when done."""
    good = np.flatnonzero(weight >= threshold)
    good = good[_after_competition(records, links, weight, good, size) >= threshold]
    if not len(good):
        return None
    one, other, order, first = _ranked(records, links.a[good], links.b[good], weight[good])
    nearest = np.full(records, -1, dtype=np.int64)
    nearest[one[order][first]] = other[order][first]
    candidates = np.flatnonzero(nearest >= 0)
    # The globally best pair, ties by the ids, is always mutual: each round joins at least one.
    kept = candidates[(nearest[nearest[candidates]] == candidates) & (candidates < nearest[candidates])]
    return kept, nearest[kept]


def _ranked(records: int, a: Labels, b: Labels, score: Floats) -> tuple[Labels, Labels, Labels, NDArray[np.bool_]]:
    """Each link from both its ends, the order that puts an end's best first, and where in it each end starts."""
    one, other, best = np.concatenate([a, b]), np.concatenate([b, a]), np.concatenate([score, score])
    tie = np.minimum(one, other) * records + np.maximum(one, other)
    order = np.lexsort((tie, -best, one))
    return one, other, order, np.r_[True, one[order][1:] != one[order][:-1]]


def _after_competition(records: int, links: _Links, average: Floats, good: Labels, size: Floats) -> Floats:
    """Bits of the good links once each cluster's other choices are weighed.

    A cluster that could join either of two that cannot be one person belongs to one of them at most: the odds of each
    are against the other as well as against neither. A record with nothing but a common name thus joins nobody.
    """
    if not len(good):
        return np.empty(0)
    one, other, order, first = _ranked(records, links.a[good], links.b[good], average[good])
    weight = np.concatenate([average[good], average[good]])
    best_of = np.full(records, -1, dtype=np.int64)
    best_of[one[order][first]] = other[order][first]
    best_weight = np.full(records, -np.inf)
    best_weight[one[order][first]] = weight[order][first]
    low, high = np.minimum(best_of[one], other), np.maximum(best_of[one], other)
    keys = links.a * records + links.b
    place = np.minimum(np.searchsorted(keys, low * records + high), len(keys) - 1)
    rivals = (keys[place] == low * records + high) & (average[place] < 0.0) & (best_of[one] != other)
    strongest_rival = np.full(records, -np.inf)
    np.maximum.at(strongest_rival, one[rivals], weight[rivals])
    against = np.where(rivals, best_weight[one], np.where(best_of[one] == other, strongest_rival[one], -np.inf))
    # Only the side that is the smaller has to choose; the larger may take in many.
    against[size[one] > size[other]] = -np.inf
    bits = -np.logaddexp2(-weight, against - weight)
    return np.asarray(np.minimum(bits[: len(good)], bits[len(good) :]))


def _relabel(records: int, links: _Links, target: Labels) -> _Links:
    """The links between the clusters that the old ones now belong to."""
    a, b = target[links.a], target[links.b]
    apart = np.flatnonzero(a != b)
    key = np.minimum(a, b)[apart] * records + np.maximum(a, b)[apart]
    order = np.argsort(key, kind="stable")
    apart, key = apart[order], key[order]
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.empty(0, dtype=np.int64)

    def total(values: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(np.add.reduceat(values[apart], starts, axis=0)) if len(starts) else values[:0]

    return _Links(
        key[starts] // records,
        key[starts] % records,
        total(links.bits),
        total(links.compared),
        total(links.pairs),
        total(links.forbidden.astype(np.float64)) > 0,
    )
