"""The model of agreement: how often records of one person, of one household and of strangers agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from identity.comparisons import Comparison

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Coincidence:
    """A level that a rival's pairs reach more often than strangers: how much more often is learnt, within bounds."""

    words: str
    least: float
    most: float


@dataclass(frozen=True)
class Rival:
    """Another reason than being one person why two records agree in more than chance would have it.

    In the comparisons of `as_strangers` such pairs agree as strangers do, but for a coincidence; in the others as EM
    finds. Without one of `told_apart_by` to compare, such a pair cannot be told from one person. What they are
    like is learnt where they are to be found: among the pairs that blocking finds by one of `found_by`.
    """

    name: str
    as_strangers: frozenset[str]
    coincidences: dict[str, Coincidence]
    told_apart_by: frozenset[str]
    found_by: frozenset[str]

    def levels(self, comparison: Comparison, learnt: Floats, u: Floats) -> Floats:
        """The probability of each level of one comparison."""
        if comparison.name not in self.as_strangers:
            return learnt
        coincidence = self.coincidences.get(comparison.name)
        if coincidence is None:
            return u
        gamma = [comparison.words_of(level) for level in range(comparison.level_count)].index(coincidence.words)
        share = float(np.clip(learnt[gamma] - u[gamma], coincidence.least, coincidence.most))
        levels = u * (1.0 - share)
        levels[gamma] += share
        return levels


HOUSEHOLD: Final = Rival(
    "household",
    as_strangers=frozenset({"given_name", "birth_date", "account", "user_name", "external_id"}),
    coincidences={
        "given_name": Coincidence("same given names", 0.01, 0.2),  # father and son of one name
        "birth_date": Coincidence("same birth date", 0.003, 0.03),  # twins
    },
    told_apart_by=frozenset({"given_name", "birth_date"}),
    found_by=frozenset({"address", "phone", "email"}),
)
RIVALS: Final = (HOUSEHOLD,)


@dataclass(frozen=True)
class Model:
    """Probability of each level, the one for everything else first, per comparison and kind of pair.

    `m`: two records of one person; `u`: of strangers; `rivals`: of each of `RIVALS`. `prior` and `rival_priors` are the
    shares of one person's pairs, and of each rival's, among all pairs.
    """

    comparisons: tuple[Comparison, ...]
    m: tuple[Floats, ...]
    u: tuple[Floats, ...]
    rivals: tuple[tuple[Floats, ...], ...]
    prior: float
    rival_priors: tuple[float, ...]

    def weight(self, place: int) -> Floats:
        """Match weights (log2 of m over u) of the levels of one comparison: one person against strangers."""
        return self._weights(place, self.u[place])

    def rival_weight(self, rival: int, place: int) -> Floats:
        """The same for one person against a rival."""
        return self._weights(place, self.rivals[rival][place])

    def _weights(self, place: int, others: Floats) -> Floats:
        weights = np.log2(self.m[place] / others)
        if self.comparisons[place].one_sided:
            # Too few pairs may teach that agreeing speaks against one person; it does not.
            weights = np.maximum(weights, 0.0)
            weights[0] = 0.0
        return np.asarray(weights)

    @property
    def prior_weight(self) -> float:
        """The log2 odds that two random records are one person's rather than strangers'."""
        return float(np.log2(self.prior / (1.0 - self.prior - sum(self.rival_priors))))

    @property
    def prior_weights(self) -> list[float]:
        """`prior_weight`, then `rival_prior_weight` of each rival."""
        return [self.prior_weight, *(self.rival_prior_weight(rival) for rival in range(len(self.rivals)))]

    def rival_prior_weight(self, rival: int) -> float:
        """The log2 odds that two random records are one person's rather than a rival's."""
        return float(np.log2(self.prior / self.rival_priors[rival]))
