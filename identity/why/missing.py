"""What would have to be known as well for two groups of records to be joined."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

import numpy as np

from identity.comparisons import Comparison
from identity.model import Model
from identity.why.bits import Whole, total

# Of these a person may have several, so that one more may agree whatever the others do.
_MANY_VALUED: Final = {
    "external_id": "one naming the other's id",
    "email": "one more agreeing e-mail address",
    "phone": "one more agreeing phone number",
    "account": "one more agreeing account",
}
# These help where a side does not tell them.
_ONE_VALUED: Final = {
    "birth_date": "an agreeing birth date",
    "given_name": "an agreeing given name",
    "family_name": "an agreeing family name",
    "address": "an agreeing address",
    "birth_place": "an agreeing place of birth",
}
_MOST_OPTIONS: Final = 4


def what_would_do(whole: Whole, model: Model, threshold: float) -> tuple[str, ...]:
    """The single facts, or else the pairs of facts, that would bring two groups to the threshold; the surest first.

    Agreement is taken to weigh what it weighs for an average value.
    """
    options = dict(_options(whole, model))
    for size in (1, 2):
        found = []
        for places in combinations(sorted(options), size):
            bits = whole.bits.copy()
            for place in places:
                bits[:, place] = np.maximum(bits[:, place], _agreement(model, place))
            reached = total(bits, model)
            if reached >= threshold:
                found.append((reached, " and ".join(options[place] for place in places)))
        if found:
            return tuple(words for _, words in sorted(found, reverse=True)[:_MOST_OPTIONS])
    return ()


def _options(whole: Whole, model: Model) -> Iterator[tuple[int, str]]:
    for place, comparison in enumerate(model.comparisons):
        agreed = whole.best[place] >= _full_agreement(comparison)
        if comparison.name in _MANY_VALUED and not agreed:
            yield place, _MANY_VALUED[comparison.name]
        elif comparison.name in _ONE_VALUED and not whole.compared[place]:
            yield place, _ONE_VALUED[comparison.name]


def _full_agreement(comparison: Comparison) -> int:
    """The level that stands for the same value on both sides."""
    same = (
        comparison.level_count - 1 - place
        for place, level in enumerate(comparison.levels)
        if level.words.startswith("same")
    )
    return next(same, comparison.level_count - 1)


def _agreement(model: Model, place: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    level = _full_agreement(model.comparisons[place])
    rivals = [model.rival_weight(rival, place)[level] for rival in range(len(model.rivals))]
    return np.array([model.weight(place)[level], *rivals])
