"""Scored pairs to clusters: average-linkage agglomeration, so that one wrong edge does not chain two people.

Two clusters join while the average weight over all pairs between them says that they are one person; a pair that was
never compared counts as slightly against, and a contradiction forbids. Mutual nearest neighbours join at once in each
round, which for average linkage gives what joining one by one gives (reciprocal nearest neighbours: de Rham 1980,
Murtagh 1983) and leaves every step a set operation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
Floats = NDArray[np.float64]

# Bits that one pair may add to or take from the average: past them it is as good as certain, and must not shout.
_CAP: Final = 20.0
_FLOOR: Final = -12.0
_NOT_COMPARED: Final = -1.5


@dataclass(frozen=True)
class _Links:
    """Pairs of clusters (`a < b`): sum of weights, number of compared pairs, whether any pair forbids joining."""

    a: Labels
    b: Labels
    weight: Floats
    compared: Floats
    forbidden: NDArray[np.bool_]


def cluster(
    records: int,
    left: NDArray[Any],
    right: NDArray[Any],
    weight: Floats,
    forbidden: NDArray[np.bool_],
    threshold: float,
) -> Labels:
    """Label each record 0 … `records` - 1 with the smallest record of its cluster.

    Args:
        records: how many there are.
        left: smaller record of each pair.
        right: larger record of each pair.
        weight: bits for (above 0) or against their being one person.
        forbidden: pairs that must not meet in one cluster.
        threshold: average weight from which two clusters join, in bits.
    """
    labels = np.arange(records)
    size = np.ones(records)
    singles = _Links(
        left.astype(np.int64), right.astype(np.int64), np.clip(weight, _FLOOR, _CAP), np.ones(len(left)), forbidden
    )
    links = _relabel(records, singles, labels)
    while True:
        joined = _mutual_best(records, links, size, threshold)
        if joined is None:
            return labels
        target = np.arange(records)
        target[joined[1]] = joined[0]
        size[joined[0]] += size[joined[1]]
        labels = target[labels]
        links = _relabel(records, links, target)


def _mutual_best(records: int, links: _Links, size: Floats, threshold: float) -> tuple[Labels, Labels] | None:
    """Pairs of clusters that are each other's best neighbour (the one kept, the one that joins it); null when done."""
    possible = size[links.a] * size[links.b]
    average = (links.weight + (possible - links.compared) * _NOT_COMPARED) / possible
    average[links.forbidden] = -np.inf
    good = np.flatnonzero(average >= threshold)
    good = good[_after_competition(records, links, average, good, size) >= threshold]
    if not len(good):
        return None
    a, b = links.a[good], links.b[good]
    # Sums of floats differ in their last bits with the order of the pairs; ties are decided by the ids.
    score = np.round(average[good], 9)
    one, other, order, first = _ranked(records, a, b, score)
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
        return average[good]
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
    return np.minimum(bits[: len(good)], bits[len(good) :])


def _relabel(records: int, links: _Links, target: Labels) -> _Links:
    a, b = target[links.a], target[links.b]
    apart = a != b
    low, high = np.minimum(a, b)[apart], np.maximum(a, b)[apart]
    keys, place = np.unique(low * records + high, return_inverse=True)
    return _Links(
        keys // records,
        keys % records,
        np.bincount(place, links.weight[apart], minlength=len(keys)).astype(np.float64),
        np.bincount(place, links.compared[apart], minlength=len(keys)).astype(np.float64),
        np.bincount(place, links.forbidden[apart], minlength=len(keys)) > 0,
    )


def connected_components(records: int, left: NDArray[Any], right: NDArray[Any]) -> Labels:
    """Label each record with the smallest record that it is connected to, by hooking and pointer jumping."""
    labels = np.arange(records)
    while True:
        lowest = np.minimum(labels[left], labels[right])
        hooked = labels.copy()
        np.minimum.at(hooked, labels[left], lowest)
        np.minimum.at(hooked, labels[right], lowest)
        while not np.array_equal(hooked, hooked[hooked]):
            hooked = hooked[hooked]
        if np.array_equal(hooked, labels):
            return labels
        labels = hooked


def link_strengths(records: int, left: NDArray[Any], right: NDArray[Any], weight: Floats, labels: Labels) -> Floats:
    """For each record the match probability of the evidence that holds it in its cluster; 1.0 for a record alone.

    The widest path from the record to the core of its cluster (the record with the most evidence): its weakest edge.
    A group of records that hangs on the core by one thin edge is thus no stronger than that edge.
    """
    inside = labels[left] == labels[right]
    a, b, bits = left[inside].astype(np.int64), right[inside].astype(np.int64), weight[inside]
    evidence = np.zeros(records)
    np.add.at(evidence, a, np.maximum(bits, 0.0))
    np.add.at(evidence, b, np.maximum(bits, 0.0))
    order = np.lexsort((np.arange(records), -np.round(evidence, 6), labels))
    core = order[np.r_[True, labels[order][1:] != labels[order][:-1]]]
    width = np.full(records, -np.inf)
    width[core] = np.inf
    while True:
        wider = width.copy()
        np.maximum.at(wider, a, np.minimum(bits, width[b]))
        np.maximum.at(wider, b, np.minimum(bits, width[a]))
        if np.array_equal(wider, width):
            break
        width = wider
    # The core is held as firmly as the record that is tied to it best.
    best = np.full(records, -np.inf)
    np.maximum.at(best, a, np.minimum(bits, width[b]))
    np.maximum.at(best, b, np.minimum(bits, width[a]))
    width[core] = best[core]
    alone = np.bincount(labels, minlength=records)[labels] == 1
    probability = 1.0 / (1.0 + np.exp2(-np.clip(width, -60, 60)))
    return np.where(alone, 1.0, np.round(probability, 6))
