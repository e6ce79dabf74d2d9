"""One record against whole customers: what speaks for each, and which one clustering would put the record with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from identity.agglomeration import UNIT, Links, agglomerate
from identity.artifact import FrozenModel
from identity.comparison_catalogue import looks, stand_ins, stated_levels
from identity.components import Floats, Labels
from identity.lookup.answer import Fact
from identity.matching import contradictions
from identity.model import Model
from identity.scoring import Scores, against_all

# Facts that are told of one customer, and the bits from which a fact is worth telling.
_TOLD: Final = 6
_LOUD: Final = 0.5


@dataclass(frozen=True)
class Wholes:
    """The record against each customer, by the customer's place in the list asked for.

    `bits`: customer by kind (strangers, then rivals) by comparison, means over the records that could be compared;
    `weight`: all of it in bits; `contradicts`: at least one record cannot be this person's; `best`, `worst`: highest
    and lowest level reached per comparison (-1: none).
    """

    bits: Floats
    weight: Floats
    contradicts: NDArray[np.bool_]
    best: NDArray[np.int8]
    worst: NDArray[np.int8]


def as_wholes(scores: Scores, owner: Labels, count: int, model: Model) -> Wholes:
    """Compare as `agglomeration` does.

    Args:
        scores: the record's pairs.
        owner: of each pair the customer of the other record, 0 to `count` - 1.
        count: of customers.
        model: what scored them.
    """
    known = scores.gammas >= 0
    comparisons = known.shape[1]
    compared = np.zeros((count, comparisons), dtype=np.int64)
    counts = looks(scores.gammas, stated_levels(model.comparisons))
    np.add.at(compared, owner, counts)
    bits = np.zeros((count, 1 + len(scores.rival_parts), comparisons))
    for kind, parts in enumerate((scores.parts, *scores.rival_parts)):
        np.add.at(bits[:, kind], owner, parts.astype(np.float64) * counts)
    bits /= np.maximum(compared, 1)[:, np.newaxis, :]
    for stand_in, real in stand_ins(model.comparisons):
        bits[compared[:, real] > 0, :, stand_in] = 0.0
    sums = bits.sum(axis=2)
    weight = against_all([sums[:, kind] + prior for kind, prior in enumerate(model.prior_weights)])
    contradicts = np.zeros(count, dtype=np.bool_)
    contradicts[owner[contradictions(scores, model)]] = True
    best = np.full((count, comparisons), -1, dtype=np.int8)
    np.maximum.at(best, owner, scores.gammas)
    worst = np.full((count, comparisons), np.iinfo(np.int8).max, dtype=np.int8)
    np.minimum.at(worst, owner, np.where(known, scores.gammas, np.iinfo(np.int8).max).astype(np.int8))
    return Wholes(bits, np.round(weight, 9), contradicts, best, np.where(best < 0, -1, worst).astype(np.int8))


def settle(scores: Scores, labels: Labels, apart: Sequence[tuple[int, int]], frozen: FrozenModel) -> Labels:
    """The clusters of the record and of the customers that it could belong to, customers staying together.

    Args:
        scores: all pairs, numbered as `labels` are.
        labels: of each record its customer, of the new record (the last) its own; each the smallest of its number.
        apart: pairs that may not meet in one cluster.
        frozen: the model.
    """
    one, other = np.array(apart, dtype=np.int64).reshape(-1, 2).T
    judged = len(one)
    kinds = np.stack([scores.parts, *scores.rival_parts], axis=1)
    compared = looks(scores.gammas, stated_levels(frozen.model.comparisons))
    sums = np.rint(kinds / UNIT).astype(np.int64) * np.maximum(compared, 1)[:, np.newaxis, :]
    links = Links(
        np.concatenate([scores.left, one]),
        np.concatenate([scores.right, other]),
        np.concatenate([sums, np.zeros((judged, *kinds.shape[1:]), dtype=np.int64)]),
        np.concatenate([compared, np.zeros((judged, compared.shape[1]), dtype=np.int64)]),
        np.repeat([1, 0], [len(compared), judged]),
        np.concatenate([contradictions(scores, frozen.model).astype(np.int64), np.ones(judged, dtype=np.int64)]),
    )
    return agglomerate(
        labels,
        np.zeros_like(labels),
        links,
        frozen.model.prior_weights,
        stand_ins(frozen.model.comparisons),
        frozen.threshold,
    )


def probabilities(weight: Floats, alternative: Labels, possible: NDArray[np.bool_]) -> Floats:
    """How likely each customer is, where it is one of the alternatives or nobody known.

    Args:
        weight: bits of each customer.
        alternative: a number per customer; those of one number are one person, and as likely as the likeliest of them.
        possible: false where something forbids it.
    """
    bits = np.where(possible, np.clip(weight, -60.0, 60.0), -np.inf)
    odds = np.zeros(int(alternative.max(initial=-1)) + 1)
    np.maximum.at(odds, alternative, np.exp2(bits))
    return np.asarray((odds / (1.0 + odds.sum()))[alternative])


def facts(wholes: Wholes, place: int, model: Model) -> tuple[Fact, ...]:
    """What speaks loudest for and against one customer, in words that hold no value of anybody."""
    bits = wholes.bits[place, 0]
    told = []
    for comparison in np.argsort(-np.abs(bits), kind="stable")[:_TOLD]:
        if abs(bits[comparison]) >= _LOUD:
            level = (wholes.best if bits[comparison] > 0 else wholes.worst)[place, comparison]
            about = model.comparisons[comparison]
            told.append(Fact(about.name, about.words_of(int(level)), round(float(bits[comparison]), 2)))
    return tuple(told)
