"""Compared pairs as bits: what each comparison says against strangers and against the model's rivals, and the total."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from identity.comparison_catalogue import looks, stand_ins, stated_levels
from identity.model import Floats, Model
from identity.scoring import against_all
from identity.why.minimum_cut import Pair

Gammas = NDArray[np.int8]


@dataclass(frozen=True)
class Weighed:
    """Some pairs: the level of each comparison (-1 nothing to compare), its bits against strangers and each rival.

    `gammas`, `parts`: pair by comparison; `rival_parts`: one such table per rival; `weight`: bits in all, as scored.
    """

    pairs: tuple[Pair, ...]
    gammas: Gammas
    parts: Floats
    rival_parts: tuple[Floats, ...]
    weight: Floats

    def among(self, pairs: list[Pair]) -> Weighed:
        """Those of the given pairs that were weighed."""
        wanted = set(pairs)
        kept = np.array([place for place, pair in enumerate(self.pairs) if pair in wanted], dtype=np.int64)
        return Weighed(
            tuple(self.pairs[place] for place in kept),
            self.gammas[kept],
            self.parts[kept],
            tuple(part[kept] for part in self.rival_parts),
            self.weight[kept],
        )


@dataclass(frozen=True)
class Whole:
    """Two groups of records compared as wholes, as clustering does: bits per comparison, means over comparable pairs.

    `bits`: kind (strangers, then rivals) by comparison; `compared`: whether any pair could be; `best`: the best level
    that any pair reaches (-1 for none).
    """

    bits: Floats
    compared: NDArray[np.bool_]
    best: Gammas


def weigh(compared: pa.Table, model: Model) -> Weighed:
    """Read what `Case.compare` returned.

    Raises:
        KeyError: if the evidence speaks of a comparison that the model does not have.
    """
    place_of = {comparison.name: place for place, comparison in enumerate(model.comparisons)}
    shape = (compared.num_rows, len(place_of))
    gammas, parts = np.full(shape, -1, dtype=np.int8), np.zeros(shape)
    for row, text in enumerate(compared["evidence"].to_pylist()):
        for item in json.loads(text):
            if item["comparison"] != "prior":
                place = place_of[item["comparison"]]
                gammas[row, place], parts[row, place] = item["level"], item["weight"]
    rivals = tuple(np.zeros(shape) for _ in model.rivals)
    for place in place_of.values():
        reached = np.maximum(gammas[:, place], 0)
        for rival, against in enumerate(rivals):
            against[:, place] = np.where(gammas[:, place] >= 0, model.rival_weight(rival, place)[reached], 0.0)
    ids = (compared[name].to_pylist() for name in ("record_id_a", "record_id_b"))
    return Weighed(tuple(zip(*ids, strict=True)), gammas, parts, rivals, compared["match_weight"].to_numpy())


def as_whole(weighed: Weighed, model: Model) -> Whole:
    """The pairs between two groups of records as one comparison of the two."""
    known = weighed.gammas >= 0
    counted = looks(weighed.gammas, stated_levels(model.comparisons))
    counts = np.maximum(counted.sum(axis=0), 1)
    bits = np.stack([(part * counted).sum(axis=0) / counts for part in (weighed.parts, *weighed.rival_parts)])
    compared = np.asarray(known.any(axis=0))
    for stand_in, real in stand_ins(model.comparisons):
        if compared[real]:
            bits[:, stand_in] = 0.0
    best = weighed.gammas.max(axis=0) if len(weighed.gammas) else np.full(len(model.comparisons), -1, np.int8)
    return Whole(bits, compared, best)


def total(bits: Floats, model: Model) -> float:
    """Bits in favour of one person against strangers and rivals at once, from those of each kind by comparison."""
    sums = bits.sum(axis=1)
    return float(
        against_all([np.array([bits]) + prior for bits, prior in zip(sums, model.prior_weights, strict=True)])[0]
    )


def probability(bits: float) -> float:
    """The probability that bits (log2 odds) stand for."""
    return float(1.0 / (1.0 + np.exp2(-np.clip(bits, -60.0, 60.0))))
