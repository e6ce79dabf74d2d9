"""Rounds of joining: clusters that are each other's best neighbour become one, until none is likely enough.

Two clusters are compared as wholes: for each comparison the mean weight over the pairs between them that could be
compared, added up over the comparisons. A record with a name alone thus meets the e-mails, phones and birth dates of
everyone in a cluster at once. Every step is a set operation, and what happens in one component of the links depends on
nothing outside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from identity.components import Floats, Labels
from identity.scoring import against_all

# What a pair that was never compared says against its being one person, in bits.
_NOT_COMPARED: Final = -3.0
# Two groups that keep disagreeing disagree the more: for each further record of the smaller one, up to this many, what
# speaks against them counts this much again. Not in full, because records of one person also have things in common.
_REPEATED: Final = 0.5
_MOST_LOOKS: Final = 3
UNIT: Final = 2.0**-16
"""Bits are added up as whole numbers of this, so that their sum does not depend on the order of the pairs."""


@dataclass(frozen=True)
class Links:
    """Pairs of clusters (`a < b`, in order, each once): sums over the pairs of records between them.

    `bits`: link by kind (strangers, then rivals) by comparison, in `UNIT`; `compared`: how much was compared, link by
    comparison (`comparison_catalogue.looks`); `pairs`: compared pairs; `forbidden`: how many of them must not meet in
    one cluster.
    """

    a: Labels
    b: Labels
    bits: NDArray[np.int64]
    compared: NDArray[np.int64]
    pairs: NDArray[np.int64]
    forbidden: NDArray[np.int64]

    def between(self, records: int, cluster: Labels) -> Links:
        """The same sums between the clusters that the old ones (or records) now belong to."""
        a, b = cluster[self.a], cluster[self.b]
        apart = np.flatnonzero(a != b)
        key = np.minimum(a, b)[apart] * records + np.maximum(a, b)[apart]
        order = np.argsort(key, kind="stable")
        apart, key = apart[order], key[order]
        starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.empty(0, dtype=np.int64)

        def total(values: NDArray[Any]) -> NDArray[np.int64]:
            return np.asarray(np.add.reduceat(values[apart], starts, axis=0)) if len(starts) else values[:0]

        return Links(
            key[starts] // records,
            key[starts] % records,
            total(self.bits),
            total(self.compared),
            total(self.pairs),
            total(self.forbidden),
        )

    def only(self, kept: NDArray[Any]) -> Links:
        """The links at `kept` (places, or a mask)."""
        return Links(
            self.a[kept],
            self.b[kept],
            self.bits[kept],
            self.compared[kept],
            self.pairs[kept],
            self.forbidden[kept],
        )


def agglomerate(
    labels: Labels,
    component: Labels,
    links: Links,
    prior_weights: list[float],
    stand_ins: list[tuple[int, int]],
    threshold: float,
) -> Labels:
    """Join until no two clusters reach `threshold`; label each record with the smallest of its cluster.

    Args:
        labels: clusters to begin with, each named after its smallest record.
        component: of each record; links lead nowhere else.
        links: between records.
        prior_weights: bits before any comparison, against strangers and against each rival.
        stand_ins: pairs of comparisons (by place); the first counts only where the second could not compare.
        threshold: bits from which two clusters join.
    """
    records = len(labels)
    size = np.bincount(labels, minlength=records)
    links = links.between(records, labels)
    while True:
        weight = _evidence(links, size, prior_weights, stand_ins)
        kept, joins = _mutual_best(records, links, weight, size, threshold)
        if not len(kept):
            return labels
        target = np.arange(records)
        target[joins] = kept
        size[kept] += size[joins]
        labels = target[labels]
        # Where nothing joined nothing ever will.
        moving = np.zeros(records, dtype=np.bool_)
        moving[component[kept]] = True
        links = links.only(moving[component[links.a]]).between(records, target)


def _evidence(links: Links, size: Labels, prior_weights: list[float], stand_ins: list[tuple[int, int]]) -> Floats:
    """Bits for each link's two clusters being one person."""
    means = links.bits * (UNIT / np.maximum(links.compared, 1))[:, np.newaxis, :]
    for stand_in, real in stand_ins:
        means[links.compared[:, real] > 0, :, stand_in] = 0.0
    looks = np.minimum(np.minimum(size[links.a], size[links.b]), _MOST_LOOKS)
    means += np.minimum(means, 0.0) * (_REPEATED * (looks - 1.0))[:, np.newaxis, np.newaxis]
    mean = means.sum(axis=2)
    weight = against_all([mean[:, kind] + prior for kind, prior in enumerate(prior_weights)])
    weight += (1.0 - links.pairs / (size[links.a] * size[links.b])) * _NOT_COMPARED
    weight[links.forbidden > 0] = -np.inf
    # Two clusters of the same evidence are a tie whatever the last bits of a sum.
    return np.round(weight, 9)


def _mutual_best(records: int, links: Links, weight: Floats, size: Labels, threshold: float) -> tuple[Labels, Labels]:
    """Pairs of clusters that are each other's best neighbour: those kept, and those that join them."""
    good = np.flatnonzero(weight >= threshold)
    good = good[_after_competition(records, links, weight, good, size) >= threshold]
    if not len(good):
        return good, good
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


def _after_competition(records: int, links: Links, average: Floats, good: Labels, size: Labels) -> Floats:
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
