"""What it says that a system names another record as itself: learnt as odds, within bounds.

A foreign key agrees only where somebody wrote one, so its share among random pairs that could be compared (those that
name records of the same kind) says nothing of how often strangers agree. Counted like other levels, the pairs that have
nothing else to compare (a browser that signed in, a help desk's user) would decide by their number alone whether they
are believed: half in doubt, they leave as much doubt as there was before. What can be counted is how often the word was
true where names or birth dates can be compared: by Bayes those odds, over the odds before looking, are the weight.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from identity.comparisons import Comparison
from identity.expectation import Levels, Patterns
from identity.mention_odds import told_apart
from identity.model import RIVALS, Floats

# As long as little is known: systems carry each other's keys because they are right, but a bare number is mistyped,
# recycled or a shared account's.
_USUAL: Final = np.array([0.985, 0.015])
_BORROWED: Final = 20.0
"""Pairs that the usual shares count as."""
_LARGEST_ODDS: Final = 7.5
"""Bits, before anything else is known, that a system's word may say against strangers."""


def weigh_stated(
    patterns: Patterns,
    comparisons: tuple[Comparison, ...],
    levels: Levels,
    shares: list[float],
    classes: list[Floats] | None,
) -> Levels:
    """The same levels, with those that are `stated` as rare among strangers as leaves the odds that were found.

    A stated level never says more than a different given name takes away: a number that leads to somebody who is called
    otherwise is the wrong number. Rivals that agree in it as strangers do agree as rarely.

    Args:
        patterns: agreement patterns of the blocked pairs.
        comparisons: in the order of the columns of `patterns.gammas`.
        levels: what is known so far; `m` and `u` of the given name set the bound.
        shares: of one person's and each rival's pairs among all pairs.
        classes: per kind how likely each pattern is of it; null while nobody knows.
    """
    u, rivals = list(levels.u), [list(rival) for rival in levels.rivals]
    told = told_apart(patterns, comparisons)
    most = _largest_odds(comparisons, levels)
    for place, comparison in enumerate(comparisons):
        for position, level in enumerate(comparison.levels):
            if not level.stated:
                continue
            gamma = comparison.level_count - 1 - position
            hits = told & (patterns.gammas[:, place] == gamma)
            seen = [float((patterns.counts * part)[hits].sum()) for part in classes or ()]
            person, others = _USUAL * _BORROWED + (np.array([seen[0], sum(seen[1:])]) if seen else 0.0)
            odds = float(np.clip(np.log2(person / others), 0.0, most))
            by_chance = levels.m[place][gamma] * shares[0] / (1.0 - sum(shares)) * 2.0**-odds
            u[place] = _with(u[place], gamma, by_chance)
            for rival, known in zip(rivals, RIVALS, strict=True):
                if comparison.name in known.as_strangers:
                    rival[place] = _with(rival[place], gamma, by_chance)
    return replace(levels, rivals=rivals, u=u)


def _with(probabilities: Floats, gamma: int, share: float) -> Floats:
    changed = probabilities.copy()
    changed[gamma] = share
    return changed


def _largest_odds(comparisons: tuple[Comparison, ...], levels: Levels) -> float:
    place = next((place for place, c in enumerate(comparisons) if c.name == "given_name"), None)
    if place is None:
        return _LARGEST_ODDS
    different = np.log2(levels.u[place][0] / levels.m[place][0])
    return float(np.clip(different, 0.0, _LARGEST_ODDS))
