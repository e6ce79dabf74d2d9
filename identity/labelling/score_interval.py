"""Intervals for ratios of totals over strata, by inverting a score test.

Precision, recall and F1 are each the theta for which a sum over strata of `coefficient(theta) · p` plus a constant is
zero, p being the share of a stratum's pairs that are one person. The interval holds every theta that a score test does
not refute: the variance is taken at the most likely shares that obey theta, not at those observed. For one stratum it
is Wilson's (1927), and keeps its coverage where few or no errors are seen, as Wald's does not (Agresti and Coull 1998;
Yan and Su 2010 for strata; Fieller 1954 for ratios; Miettinen and Nurminen 1985 for the restricted estimate; Gart and
Nam 1988 for the correction for skewness, without which a handful of rare errors in a heavy stratum is read too surely).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Measure = Literal["precision", "recall", "f1"]

_KNOWN: Final = 1e12  # answers that a stratum is worth once each of its pairs was answered
_STEPS: Final = 60
_MOST_SKEWED: Final = 3.0
_FARTHEST: Final = 42.0  # arsinh of the largest multiplier


@dataclass(frozen=True)
class Counts:
    """Strata along the last axis; other axes are separate samples.

    `merged`: whether the pairs are of one customer; `pairs`, `pairs_error`: how many there are and its standard error;
    `answers`, `same`: how many were answered, and how many of those are one person.
    """

    merged: NDArray[np.bool_]
    pairs: Floats
    pairs_error: Floats
    answers: Floats
    same: Floats


def point(counts: Counts, measure: Measure, unseen: float) -> Floats:
    """The estimate: sums over strata of pairs times the observed share."""
    share = counts.same / counts.answers
    total = share * counts.pairs
    right = np.where(counts.merged, total, 0.0).sum(axis=-1)
    missed = np.where(counts.merged, 0.0, total).sum(axis=-1) * (1.0 + unseen)
    merged = np.where(counts.merged, counts.pairs, 0.0).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = {
            "precision": right / merged,
            "recall": right / (right + missed),
            "f1": 2.0 * right / (merged + right + missed),
        }[measure]
    return np.asarray(np.where(np.isfinite(found), found, 1.0))


def bounds(counts: Counts, measure: Measure, unseen: tuple[float, float], z: float) -> tuple[Floats, Floats]:
    """The interval of `z` standard errors.

    Args:
        counts: what was answered.
        measure: of what.
        unseen: least and most pairs missed that nothing connects, per missed pair that something connects. The lower
            end is taken at the most, the upper end at the least.
        z: quantile of the normal distribution, 1.96 for 95 %.
    """
    least, most = unseen
    low = _edge(counts, measure, most, z, upward=False)
    high = _edge(counts, measure, least, z, upward=True)
    return low, high


def _edge(counts: Counts, measure: Measure, unseen: float, z: float, *, upward: bool) -> Floats:
    """The last theta, from the estimate to 0 or to 1, that the test does not refute."""
    inside = point(counts, measure, unseen)
    outside = np.full_like(inside, 1.0 if upward else 0.0)
    kept_to_the_end = _is_kept(counts, measure, unseen, outside, z)
    for _ in range(_STEPS // 2):
        middle = (inside + outside) / 2.0
        kept = _is_kept(counts, measure, unseen, middle, z)
        inside, outside = np.where(kept, middle, inside), np.where(kept, outside, middle)
    return np.where(kept_to_the_end, 1.0 if upward else 0.0, inside)


def _is_kept(counts: Counts, measure: Measure, unseen: float, theta: Floats, z: float) -> NDArray[np.bool_]:
    """Whether the distance from theta, in standard errors, is within z; corrected for skewness (Gart and Nam 1988)."""
    coefficient, constant = _linear_form(counts, measure, unseen, theta)
    scale = np.maximum(np.abs(coefficient).max(axis=-1), 1e-300)
    coefficient, constant = coefficient / scale[..., np.newaxis], constant / scale
    # A stratum that was answered in large part has less left to vary (finite population correction).
    left = np.maximum(counts.pairs - counts.answers, 0.0)
    answers = np.where(left > 0, counts.answers * np.maximum(counts.pairs - 1.0, 1.0) / np.maximum(left, 1e-9), _KNOWN)
    share = counts.same / counts.answers
    restricted = _restricted(answers, share * answers, coefficient, constant)
    relative = np.divide(counts.pairs_error, counts.pairs, out=np.zeros_like(counts.pairs), where=counts.pairs > 0)
    spread = restricted * (1.0 - restricted)
    variance = (coefficient**2 * spread / answers + (coefficient * restricted * relative) ** 2).sum(axis=-1)
    third = (coefficient**3 * spread * (1.0 - 2.0 * restricted) / answers**2).sum(axis=-1)
    error = np.sqrt(np.maximum(variance, 1e-18))
    distance = ((coefficient * share).sum(axis=-1) + constant) / error
    skewness = np.clip(third / error**3, -_MOST_SKEWED, _MOST_SKEWED)
    return np.asarray(np.abs(distance - skewness * (z * z - 1.0) / 6.0) <= z)


def _linear_form(counts: Counts, measure: Measure, unseen: float, theta: Floats) -> tuple[Floats, Floats]:
    theta = theta[..., np.newaxis]
    merged = np.where(counts.merged, counts.pairs, 0.0)
    missed = np.where(counts.merged, 0.0, counts.pairs) * (1.0 + unseen)
    if measure == "precision":
        return merged + 0.0 * theta, -(theta * merged).sum(axis=-1)
    if measure == "recall":
        return merged * (1.0 - theta) - missed * theta, np.zeros(theta.shape[:-1])
    return merged * (2.0 - theta) - missed * theta, -(theta * merged).sum(axis=-1)


def _restricted(answers: Floats, same: Floats, coefficient: Floats, constant: Floats) -> Floats:
    """The most likely shares for which the linear form is zero, by bisection on the multiplier of that condition."""
    target = -constant
    low = np.full(target.shape, -_FARTHEST)
    high = np.full(target.shape, _FARTHEST)
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        above = (coefficient * _shares(answers, same, coefficient * np.sinh(middle)[..., np.newaxis])).sum(
            axis=-1
        ) > target
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return _shares(answers, same, coefficient * np.sinh((low + high) / 2.0)[..., np.newaxis])


def _shares(answers: Floats, same: Floats, pull: Floats) -> Floats:
    """The p in [0, 1] with `same / p - (answers - same) / (1 - p) = pull`: a root of a quadratic."""
    b = answers + pull
    root = np.sqrt(np.maximum(b * b - 4.0 * pull * same, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        stable = 2.0 * same / (b + root)
        other = (b - root) / (2.0 * pull)
    return np.asarray(np.clip(np.where(b > 0, stable, other), 0.0, 1.0))
