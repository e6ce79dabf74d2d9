"""The model of agreement: how often records of one person, of one household, of namesakes and of strangers agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from identity.comparisons import Comparison

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Rival:
    """Another reason than being one person why two records agree in more than chance would have it.

    In the comparisons of `as_strangers` such pairs agree as strangers do, but for a `coincidence` (level in words,
    share); in those of `as_one_person` as one person's records do; in the others as EM finds.
    """

    name: str
    as_strangers: frozenset[str]
    as_one_person: frozenset[str]
    coincidence: dict[str, tuple[str, float]]
    told_apart_by: frozenset[str]  # without one of these to compare, such a pair cannot be told from one person

    def levels(self, comparison: Comparison, learnt: Floats, m: Floats, u: Floats) -> Floats:
        """The probability of each level of one comparison."""
        if comparison.name in self.as_one_person:
            return m
        if comparison.name not in self.as_strangers:
            return learnt
        words, share = self.coincidence.get(comparison.name, ("", 0.0))
        levels = u * (1.0 - share)
        if share:
            levels[[comparison.words_of(gamma) for gamma in range(comparison.level_count)].index(words)] += share
        return levels


HOUSEHOLD: Final = Rival(
    "household",
    as_strangers=frozenset({"given_name", "birth_date", "account", "external_id"}),
    as_one_person=frozenset(),
    # Father and son of one name, twins of one birth date.
    coincidence={"given_name": ("same given names", 0.03), "birth_date": ("same birth date", 0.01)},
    told_apart_by=frozenset({"given_name", "birth_date"}),
)
NAMESAKES: Final = Rival(
    "namesakes",
    as_strangers=frozenset(
        {"birth_date", "email", "phone", "account", "external_id", "address", "birth_place", "occupation"}
    ),
    # People of one origin share given and family names far more often than both frequencies multiplied.
    as_one_person=frozenset({"given_name", "family_name"}),
    coincidence={},
    told_apart_by=frozenset({"birth_date", "phone", "address"}),
)
RIVALS: Final = (HOUSEHOLD, NAMESAKES)


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
        return np.asarray(np.log2(self.m[place] / self.u[place]))

    def rival_weight(self, rival: int, place: int) -> Floats:
        """The same for one person against a rival."""
        return np.asarray(np.log2(self.m[place] / self.rivals[rival][place]))

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
