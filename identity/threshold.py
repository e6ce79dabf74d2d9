"""Where to join: the match weight that serves the data at hand best, from the probabilities that the model claims."""

from __future__ import annotations

from typing import Final

import numpy as np

from identity.expectation import Patterns
from identity.model import Floats, Model
from identity.scoring import against_all

# Wrong merges cost more than missed ones: recall counts 0.45 times as much as precision (van Rijsbergen's F, 1979).
_BETA: Final = 0.45
# Data in which hardly a join is wrong even at odds of 2 to 1 can afford them.
_NO_RISK: Final = 0.002
LOWEST: Final = 1.0
"""Bits; nothing is ever joined at less than odds of 2 to 1."""
_HIGHEST: Final = 4.0
_USUAL: Final = 2.0
_STEP: Final = 0.05


def choose_threshold(patterns: Patterns, model: Model) -> float:
    """Match weight in bits, from 1 to 4, at which the expected F measure of the pairs accepted is highest.

    A pair of match probability p is expected to be right p times, so the precision and recall of every threshold
    are known in expectation, without labels; how far they can be trusted is how far the probabilities can.

    Args:
        patterns: agreement patterns of the blocked pairs.
        model: trained on them.
    """
    weight = _weights(patterns, model)
    right = patterns.counts / (1.0 + np.exp2(-np.clip(weight, -60.0, 60.0)))
    everyone = float(right.sum())
    candidates = np.arange(LOWEST, _HIGHEST + _STEP / 2, _STEP)
    accepted = np.array([patterns.counts[weight >= bits].sum() for bits in candidates])
    found = np.array([right[weight >= bits].sum() for bits in candidates])
    if not accepted[0]:
        return _USUAL
    if 1.0 - found[0] / accepted[0] <= _NO_RISK:
        return LOWEST
    measure = (1.0 + _BETA**2) * found / (_BETA**2 * everyone + accepted)
    return round(float(candidates[np.argmax(measure)]), 2)


def _weights(patterns: Patterns, model: Model) -> Floats:
    sums = [np.full(len(patterns.counts), prior) for prior in model.prior_weights]
    for place in range(len(model.comparisons)):
        gamma = patterns.gammas[:, place]
        kinds = [model.weight(place), *(model.rival_weight(rival, place) for rival in range(len(model.rivals)))]
        for total, weights in zip(sums, kinds, strict=True):
            total += np.append(weights, 0.0)[gamma]
    return against_all(sums)
