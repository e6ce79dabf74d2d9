"""What it says that somebody wrote another record's identifier: learnt as odds, within bounds.

Who wrote nothing of another record has said nothing, so agreement has no share among one person's pairs that could be
set against its share among strangers. What can be counted is the pairs where one did write of the other: how many are
one person's by everything else that is known of them, a household's, strangers'. By Bayes those odds over the odds
before looking are the weight. People write about the order of a partner or a friend, and mistype numbers into a
stranger's, so the odds are held within bounds, far below those of carrying the identifier.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from identity.comparisons import Comparison
from identity.expectation import Levels, Patterns
from identity.model import RIVALS, Floats

# Shares of the pairs in which one wrote of the other, as long as little is known: one person's, then each rival's; the
# rest are strangers'. An e-mail or a phone is mostly given as one's own.
_USUAL: Final = {
    "wrote an order number of the other": np.array([0.9, 0.06, 0.04]),
    "wrote an e-mail or phone of the other": np.array([0.92, 0.05, 0.03]),
}
_BORROWED: Final = 20.0
"""Pairs that the usual shares count as."""
_LARGEST_ODDS: Final = 5.0
"""Bits, before anything else is known, that a mention may say against each other explanation."""


def weigh_mentions(
    patterns: Patterns,
    comparisons: tuple[Comparison, ...],
    levels: Levels,
    shares: list[float],
    classes: list[Floats] | None,
) -> Levels:
    """The same levels, with those of comparisons `by_odds` set so that a level reached leaves the odds that were found.

    What is set are ratios of m to the others, no shares of anything. A mention never says more than a different given
    name takes away: a friend who is called otherwise stays a friend.

    Args:
        patterns: agreement patterns of the blocked pairs.
        comparisons: in the order of the columns of `patterns.gammas`.
        levels: what is known so far; `m` and `u` of the given name set the bound.
        shares: of one person's and each rival's pairs among all pairs.
        classes: per kind how likely each pattern is of it; null while nobody knows.
    """
    kinds = [list(kind) for kind in levels.kinds]
    prior = [*shares, 1.0 - sum(shares)]
    told = told_apart(patterns, comparisons)
    most = _largest_odds(comparisons, levels)
    for place, comparison in enumerate(comparisons):
        if not comparison.by_odds:
            continue
        for kind in kinds:
            kind[place] = np.ones(comparison.level_count)
        for position, level in enumerate(comparison.levels):
            gamma = comparison.level_count - 1 - position
            hits = told & (patterns.gammas[:, place] == gamma)
            seen = np.array([float((patterns.counts * part)[hits].sum()) for part in classes or ()])
            found = _USUAL[level.words] * _BORROWED + (seen if classes else 0.0)
            person = found[0]
            for number, kind in enumerate(kinds[1:], start=1):
                odds = np.clip(np.log2(person / found[number]), 0.0, most[number - 1])
                kind[place][gamma] = 2.0**-odds * prior[0] / prior[number]
    return Levels(kinds[0], kinds[1:-1], kinds[-1])


def told_apart(patterns: Patterns, comparisons: tuple[Comparison, ...]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """The patterns in which something tells one person from every rival: of others the mention would teach itself."""
    known = np.ones(len(patterns.gammas), dtype=np.bool_)
    for rival in RIVALS:
        places = [place for place, c in enumerate(comparisons) if c.name in rival.told_apart_by]
        known &= (patterns.gammas[:, places] >= 0).any(axis=1)
    return known


def _largest_odds(comparisons: tuple[Comparison, ...], levels: Levels) -> list[float]:
    """Bits that a mention may say against each rival, then against strangers."""
    place = next((place for place, c in enumerate(comparisons) if c.name == "given_name"), None)
    if place is None:
        return [_LARGEST_ODDS] * (len(levels.kinds) - 1)
    m = levels.m[place][0]
    return [float(np.clip(np.log2(kind[place][0] / m), 0.0, _LARGEST_ODDS)) for kind in levels.kinds[1:]]
