"""Expectation maximisation over counts of agreement patterns, with more kinds of pairs than matched and unmatched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from identity.comparisons import Comparison
from identity.model import RIVALS, Floats, Ints

FEWEST_MATCHES: Final = 30.0
"""Expected matches below which nothing is learnt from a set of pairs."""
_ROUNDS: Final = 60
_PSEUDO_COUNT: Final = 3.0
_NEVER: Final = 1e-12


@dataclass(frozen=True)
class Patterns:
    """Distinct comparison vectors (`gammas`: pattern by comparison), the pairs that show each, and their rules."""

    gammas: Ints
    counts: Floats
    rules: Ints


@dataclass(frozen=True)
class Levels:
    """Level probabilities per kind of pair and comparison: one person, each rival, strangers."""

    m: list[Floats]
    rivals: list[list[Floats]]
    u: list[Floats]

    @property
    def kinds(self) -> list[list[Floats]]:
        """One person's levels, each rival's, strangers'."""
        return [self.m, *self.rivals, self.u]


def usual_agreement(levels: int) -> Floats:
    """Where EM starts, and what rare levels are drawn to: most matches agree best, a few not at all."""
    start = 0.5 ** np.arange(levels, 0, -1)
    start[0] = 0.05
    start[-1] = 0.7
    return np.asarray(start / start.sum())


def smooth(counts: Floats) -> Floats:
    """Shares of counts, drawn a little to what is usual."""
    smoothed = counts + _PSEUDO_COUNT * usual_agreement(len(counts))
    return np.asarray(smoothed / smoothed.sum())


def bound(comparisons: tuple[Comparison, ...], levels: Levels) -> Levels:
    """The same levels, with each rival held to what is known of it."""
    rivals = [
        [rival.levels(comparison, learnt[place], levels.u[place]) for place, comparison in enumerate(comparisons)]
        for rival, learnt in zip(RIVALS, levels.rivals, strict=True)
    ]
    return Levels(levels.m, rivals, levels.u)


def log_likelihood(
    gammas: Ints, probabilities: list[Floats], used: list[int], comparisons: tuple[Comparison, ...]
) -> Floats:
    """How likely each pattern is in the comparisons at `used`; nothing to compare counts for nothing (natural log)."""
    total = np.zeros(len(gammas))
    for place in used:
        level = gammas[:, place]
        telling = level >= (1 if comparisons[place].one_sided else 0)
        total += np.where(telling, np.log(probabilities[place])[np.maximum(level, 0)], 0.0)
    return total


def responsibilities(likelihoods: list[Floats], shares: list[float]) -> list[Floats]:
    """How likely each pattern is of each class."""
    weighted = [likelihood + np.log(share) for likelihood, share in zip(likelihoods, shares, strict=True)]
    top = np.max(weighted, axis=0)
    scaled = [np.exp(part - top) for part in weighted]
    total = np.sum(scaled, axis=0)
    return [part / total for part in scaled]


def expectation_maximisation(
    patterns: Patterns, comparisons: tuple[Comparison, ...], used: list[int], levels: Levels
) -> tuple[dict[int, list[Floats]], list[float]]:
    """Expected level counts of one person's and each rival's pairs among one rule's, and the shares of all kinds.

    No counts when matches are too few.
    """
    names = {comparisons[place].name for place in used}
    possible = [0.1 if rival.told_apart_by & names else _NEVER for rival in RIVALS]
    shares = [0.4, *possible, 0.5]
    strangers = log_likelihood(patterns.gammas, levels.u, used, comparisons)
    seen: dict[int, list[Floats]] = {}
    expected = patterns.counts
    for _ in range(_ROUNDS):
        known = [log_likelihood(patterns.gammas, kind, used, comparisons) for kind in levels.kinds[:-1]]
        classes = [patterns.counts * part for part in responsibilities([*known, strangers], shares)]
        expected, before = classes[0], shares[0]
        shares = [max(float(part.sum() / patterns.counts.sum()), _NEVER) for part in classes]
        seen = {
            place: [level_counts(patterns.gammas, place, comparisons[place].level_count, part) for part in classes[:-1]]
            for place in used
        }
        m, *rivals = [
            [smooth(seen[place][kind]) if place in seen else old for place, old in enumerate(before_kind)]
            for kind, before_kind in enumerate(levels.kinds[:-1])
        ]
        levels = bound(comparisons, Levels(m, rivals, levels.u))
        if abs(shares[0] - before) < 1e-6:
            break
    return (seen if expected.sum() >= FEWEST_MATCHES else {}), shares


def level_counts(gammas: Ints, place: int, levels: int, weights: Floats) -> Floats:
    """Expected pairs at each level of the comparison at `place`."""
    level = gammas[:, place]
    kept = level >= 0
    return np.bincount(level[kept], weights=weights[kept], minlength=levels).astype(np.float64)
