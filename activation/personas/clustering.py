"""Groups of customers in their traits: how many there are, how clear they are, and whether they come again.

K-means on standardised traits, because its partition is a set of linear scores: what the seed `persona_weights`
can say (`activation.personas.weights`). How many groups: the number with the largest mean silhouette (Rousseeuw, 1987,
"Silhouettes: a graphical aid to the interpretation and validation of cluster analysis"), among the numbers whose
smallest group is no smaller than `SMALLEST_SHARE`. Whether there are groups at all: a mean silhouette of at least 0.25
(Kaufman and Rousseeuw, 1990, "Finding Groups in Data": below it, no substantial structure has been found) and groups
that come again in resamples of the customers, a mean Jaccard similarity of at least 0.75 (Hennig, 2007, "Cluster-wise
assessment of cluster stability").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from threadpoolctl import threadpool_limits

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

COUNTS: Final = range(2, 11)
SMALLEST_SHARE: Final = 0.03
CLEAR_SILHOUETTE: Final = 0.25
STABLE_JACCARD: Final = 0.75
FEWEST_CUSTOMERS: Final = 50
_SEARCHED: Final = 20_000
_JUDGED: Final = 3_000
_RESAMPLES: Final = 10
_SEED: Final = 7


class TooFewCustomers(ValueError):
    """There are too few customers, or too few different ones, to look for groups in."""


@dataclass(frozen=True)
class Scale:
    """What standardised the traits: z = (value - mean) / deviation, for the traits that vary."""

    traits: tuple[str, ...]
    mean: Floats
    deviation: Floats


@dataclass(frozen=True)
class Groups:
    """The groups found, the largest first.

    `labels`: the group of each customer; `centres`: standardised, one row per group; `silhouette`: of the whole, -1 to
    1; `stability`: per group, the mean Jaccard similarity over the resamples; `tried`: the mean silhouette per number
    of groups that was looked at, null where a group was too small.
    """

    scale: Scale
    labels: Labels
    centres: Floats
    silhouette: float
    stability: tuple[float, ...]
    tried: dict[int, float | None]

    @property
    def is_clear(self) -> bool:
        """Whether there is structure worth naming."""
        return self.silhouette >= CLEAR_SILHOUETTE and float(np.mean(self.stability)) >= STABLE_JACCARD


def find_groups(traits: Sequence[str], values: Floats, count: int | None = None) -> Groups:
    """Cluster customers, into `count` groups or as many as the silhouette says; the same input gives the same groups.

    Args:
        traits: the names of the columns of `values`.
        values: one row per customer, 0 to 1 each, in an order that does not change.
        count: how many groups, or None to choose.

    Raises:
        TooFewCustomers: if there are fewer than `FEWEST_CUSTOMERS`, or fewer different ones than groups.
    """
    if len(values) < FEWEST_CUSTOMERS:
        raise TooFewCustomers(
            f"{len(values):,} customers are too few to look for groups; {FEWEST_CUSTOMERS} are needed"
        )
    scale, standard = _standardise(traits, values)
    different = len(np.unique(standard, axis=0)) if standard.shape[1] else 1
    if different < max(count or 2, 2):
        raise TooFewCustomers(f"the customers differ in too little: {different} different combinations of traits")
    random = np.random.default_rng(_SEED)
    searched = _some(random, standard, _SEARCHED)
    judged = _some(random, searched, _JUDGED)
    # One thread: sums in another order would move a customer on the border, and two runs would not be the same.
    with threadpool_limits(limits=1):
        tried = {n: _silhouette(searched, judged, n) for n in ([count] if count else COUNTS) if n <= different}
        best = max(tried, key=lambda n: (tried[n] if tried[n] is not None else -2.0, -n))
        centres = _fit(searched, best).cluster_centers_
        whole = KMeans(n_clusters=best, init=centres, n_init=1, random_state=_SEED).fit(standard)
        labels, centres = _largest_first(whole.labels_, whole.cluster_centers_)
        stability = _stability(random, standard, labels, best)
        sample = _some(random, np.column_stack([labels, standard]), _JUDGED)
        return Groups(
            scale=scale,
            labels=labels,
            centres=centres,
            silhouette=_mean_silhouette(sample[:, 1:], sample[:, 0].astype(np.intp)),
            stability=stability,
            tried=tried,
        )


def _standardise(traits: Sequence[str], values: Floats) -> tuple[Scale, Floats]:
    deviation = values.std(axis=0)
    varies = deviation > 1e-9
    scale = Scale(
        traits=tuple(trait for trait, keep in zip(traits, varies, strict=True) if keep),
        mean=values.mean(axis=0)[varies],
        deviation=deviation[varies],
    )
    return scale, (values[:, varies] - scale.mean) / scale.deviation


def _some(random: np.random.Generator, rows: Floats, most: int) -> Floats:
    if len(rows) <= most:
        return rows
    return rows[np.sort(random.choice(len(rows), most, replace=False))]


def _fit(rows: Floats, count: int) -> Any:
    return KMeans(n_clusters=count, n_init=5, random_state=_SEED).fit(rows)


def _silhouette(searched: Floats, judged: Floats, count: int) -> float | None:
    found = _fit(searched, count)
    if np.bincount(found.labels_, minlength=count).min() < SMALLEST_SHARE * len(searched):
        return None
    return _mean_silhouette(judged, found.predict(judged))


def _mean_silhouette(rows: Floats, labels: Labels) -> float:
    """The mean silhouette; -1 when the rows fall into one group, or each into its own."""
    groups = len(np.unique(labels))
    return float(silhouette_score(rows, labels)) if 1 < groups < len(rows) else -1.0


def _largest_first(labels: Labels, centres: Floats) -> tuple[Labels, Floats]:
    order = np.argsort(-np.bincount(labels, minlength=len(centres)), kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return place[labels], centres[order]


def _stability(random: np.random.Generator, standard: Floats, labels: Labels, count: int) -> tuple[float, ...]:
    """Per group the mean, over bootstrap resamples, of its Jaccard similarity to the nearest group found there."""
    size = min(len(standard), _SEARCHED)
    found = np.zeros((_RESAMPLES, count))
    for resample in range(_RESAMPLES):
        drawn = np.unique(random.choice(len(standard), size, replace=True))
        again = _fit(standard[drawn], count).labels_
        together = np.zeros((count, count))
        np.add.at(together, (labels[drawn], again), 1)
        either = together.sum(axis=1, keepdims=True) + together.sum(axis=0, keepdims=True) - together
        found[resample] = (together / np.maximum(either, 1)).max(axis=1)
    return tuple(float(share) for share in found.mean(axis=0))
