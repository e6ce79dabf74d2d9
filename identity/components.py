"""Graphs of records as arrays: connected components, and how firmly a record is held in its cluster."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
Floats = NDArray[np.float64]


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
    core = order[np.flatnonzero(np.diff(labels[order], prepend=-1))]
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
