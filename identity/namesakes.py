"""Names that go together: how much more often strangers share both names than chance, name by name, would have it."""

from __future__ import annotations

from typing import Final

import numpy as np

from identity.chance import Namesakes
from identity.comparisons import Comparison
from identity.expectation import Levels, Patterns, expectation_maximisation

_LARGEST_LIFT: Final = 64.0
# Where few namesakes are to be expected, what they tell is mixed with what is usual where several cultures meet.
_USUAL_LIFT: Final = 3.0
_BORROWED: Final = 50.0


def correct_for_namesakes(comparisons: tuple[Comparison, ...], levels: Levels, namesakes: Namesakes) -> Levels:
    """The same levels, with the corrections set to how much more often strangers agree in all than in each alone.

    What is set are ratios of m to u, no shares of anything.
    """
    kinds = [list(kind) for kind in levels.kinds]
    for place, comparison in enumerate(comparisons):
        if comparison.correction_of:
            lift = _lift(comparisons, comparison, levels, namesakes)
            # Names with a birth date weigh the same until their frequency says that a crowd shares them.
            once = 0.5 / max(np.sqrt(2.0 * namesakes.possible), 2.0)
            for kind in kinds[:-1]:
                kind[place] = np.array([1.0, 1.0 / lift, once / lift])
            kinds[-1][place] = np.array([1.0, 1.0, once])
    return Levels(kinds[0], kinds[1:-1], kinds[-1])


def _lift(comparisons: tuple[Comparison, ...], correction: Comparison, levels: Levels, namesakes: Namesakes) -> float:
    """Strangers of one name over those that there would be if names did not go together."""
    used = [
        place
        for place, c in enumerate(comparisons)
        if c.name not in correction.correction_of and c.name != "user_name" and c.is_learnt_by_em
    ]
    if not used or not len(namesakes.pairs):
        return 1.0
    seen = Patterns(namesakes.gammas, namesakes.pairs, np.zeros(len(namesakes.pairs), dtype=np.int64))
    _, shares = expectation_maximisation(seen, comparisons, used, levels)
    expected = namesakes.possible
    for place, c in enumerate(comparisons):
        if c.name in correction.correction_of:
            expected *= float(
                sum(levels.u[place][c.level_count - 1 - i] for i, level in enumerate(c.levels) if level.frequency)
            )
    found = shares[-1] * namesakes.pairs.sum()
    return float(np.clip((found + _USUAL_LIFT * _BORROWED) / (expected + _BORROWED), 1.0, _LARGEST_LIFT))
