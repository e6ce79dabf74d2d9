"""Groups as weights of traits: the seed rows under which `customer_personas` gives each customer its own group.

The nearest centre is a linear rule. With z = (x - m) / s and a centre c, the distance |z - c|² is smallest where
2 c·z - |c|² is largest: so the weight of a trait is 2 c / s, and what is left over is a weight of the trait `everyone`,
which every customer has in full. All weights are scaled together, which moves nobody.
"""

from __future__ import annotations

import numpy as np

from activation.personas.clustering import Floats, Groups, Labels

EVERYONE = "everyone"
_DECIMALS = 3


def persona_weights(groups: Groups) -> list[dict[str, float]]:
    """Per group its weights by trait, `everyone` among them, the largest of all groups being 1 or -1."""
    scale, centres = groups.scale, groups.centres
    slopes = 2 * centres / scale.deviation
    rest = -(slopes @ scale.mean) - (centres**2).sum(axis=1)
    rest = rest - rest.mean()
    largest = float(max(np.abs(slopes).max(), np.abs(rest).max()))
    return [
        {
            trait: weight
            for trait, value in zip((EVERYONE, *scale.traits), (constant, *slope), strict=True)
            if (weight := round(float(value) / largest, _DECIMALS))
        }
        for constant, slope in zip(rest, slopes, strict=True)
    ]


def assigned(weights: list[dict[str, float]], traits: tuple[str, ...], values: Floats) -> Labels:
    """The place in `weights` of the best score of each customer; of equal scores the first, as in the warehouse."""
    table = np.array([[of.get(trait, 0.0) for trait in traits] for of in weights])
    constant = np.array([of.get(EVERYONE, 0.0) for of in weights])
    scores = np.round(values @ table.T + constant, 4)
    return np.asarray(scores.argmax(axis=1), dtype=np.intp)
