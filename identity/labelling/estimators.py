"""Precision and recall from answers, with intervals: what they are, what `unsure` could change, what more would buy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from identity.columns import conform
from identity.labelling.frame import MERGED
from identity.labelling.sampling import STRATA
from identity.labelling.score_interval import Counts, Measure, bounds, point

UNSEEN: Final = (0.0, 1.0)
"""Least and most pairs of one person missed that nothing connects, per missed pair that something connects.

No sample of a bearable size finds those. In six labelled tables and five made-up retailers the figure was 0 to 0.85.
"""
FEWEST_ANSWERS: Final = 20
_UNANSWERED: Final = 1.0  # the model's word for a stratum without an answer counts as one


@dataclass(frozen=True)
class Interval:
    """An estimate with the ends of its interval; all from 0 to 1."""

    estimate: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """From end to end."""
        return self.high - self.low


@dataclass(frozen=True)
class Estimates:
    """What the answers say of the clustering that the sample was drawn from.

    `recall_connected` is over the pairs of one person that any evidence connects, `recall` and `f1` over all, `UNSEEN`
    pairs included. `against` and `in_favour` are the same with every `unsure` counted as a mistake, and as none:
    (precision, recall). `answers` by verdict. `surprises`: pairs of one person among the random pairs; they say that
    blocking misses more than `UNSEEN` allows for, and are counted in all recalls. `unanswered`: strata that rest on the
    model's word.
    """

    level: float
    precision: Interval
    recall: Interval
    recall_connected: Interval
    f1: Interval
    against: tuple[float, float]
    in_favour: tuple[float, float]
    answers: dict[str, int]
    surprises: int
    unanswered: tuple[str, ...]


class TooFewAnswers(ValueError):
    """There is not enough to say anything; the message says how many are missing."""


def estimate(
    strata: pa.Table, answers: pa.Table, *, level: float = 0.95, unseen: tuple[float, float] = UNSEEN
) -> Estimates:
    """Estimate precision, recall and F1 of pairs, each with an interval that covers the truth as often as `level` says.

    Args:
        strata: per `sampling.STRATA`.
        answers: `stratum, verdict`, one row per pair of the queue that was answered.
        level: of the intervals, between 0 and 1.
        unseen: see `UNSEEN`.

    Raises:
        ValueError: if an answer is of no stratum, or `level` is out of range.
        TooFewAnswers: with fewer than `FEWEST_ANSWERS` answers that are not `unsure`.
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"the level of an interval is between 0 and 1, not {level:g}")
    strata = conform(strata, STRATA)
    same, different, unsure = count_answers(strata, answers)
    definite = int(same.sum() + different.sum())
    if definite < FEWEST_ANSWERS:
        raise TooFewAnswers(
            f"{definite} pairs have been answered; {FEWEST_ANSWERS - definite} more are needed to say anything"
        )
    counts, surprises, unanswered = _counts(strata, same, different)
    z = NormalDist().inv_cdf(0.5 + level / 2.0)
    merged = np.isin(strata["kind"].to_numpy(zero_copy_only=False), list(MERGED))
    against, _, _ = _counts(strata, same + np.where(merged, 0, unsure), different + np.where(merged, unsure, 0))
    in_favour, _, _ = _counts(strata, same + np.where(merged, unsure, 0), different + np.where(merged, 0, unsure))
    return Estimates(
        level=level,
        precision=_interval(counts, "precision", (0.0, 0.0), z),
        recall=_interval(counts, "recall", unseen, z),
        recall_connected=_interval(counts, "recall", (0.0, 0.0), z),
        f1=_interval(counts, "f1", unseen, z),
        against=(float(point(against, "precision", 0.0)), float(point(against, "recall", unseen[1]))),
        in_favour=(float(point(in_favour, "precision", 0.0)), float(point(in_favour, "recall", unseen[0]))),
        answers={"same": int(same.sum()), "different": int(different.sum()), "unsure": int(unsure.sum())},
        surprises=surprises,
        unanswered=unanswered,
    )


def expected_widths(strata: pa.Table, answers: pa.Table, factor: float, *, level: float = 0.95) -> dict[str, float]:
    """How wide the intervals would be with `factor` times the answers, if those were like the ones so far."""
    strata = conform(strata, STRATA)
    same, different, _ = count_answers(strata, answers)
    counts, _, _ = _counts(strata, same, different)
    known = strata["known_same"].to_numpy() + strata["known_different"].to_numpy()
    more = np.where(known[_used(strata, same)] > 0, 1.0, factor)
    most = np.minimum(counts.answers * more, np.maximum(counts.pairs, counts.answers))
    grown = replace(counts, answers=most, same=counts.same / counts.answers * most)
    z = NormalDist().inv_cdf(0.5 + level / 2.0)
    return {
        "precision": _interval(grown, "precision", (0.0, 0.0), z).width,
        "recall_connected": _interval(grown, "recall", (0.0, 0.0), z).width,
    }


def count_answers(
    strata: pa.Table, answers: pa.Table
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Answers `same`, `different` and `unsure` per row of `strata`, pairs known before the sample included.

    Raises:
        ValueError: if an answer is of no stratum, or is none of the three.
    """
    names = strata["stratum"].to_pylist()
    found = {verdict: np.zeros(len(names), dtype=np.int64) for verdict in ("same", "different", "unsure")}
    place = {name: number for number, name in enumerate(names)}
    counted = answers.group_by(["stratum", "verdict"]).aggregate([([], "count_all")])
    for row in counted.to_pylist():
        if row["stratum"] not in place:
            raise ValueError(f"the answers name a stratum {row['stratum']!r} that the sample does not have")
        if row["verdict"] not in found:
            raise ValueError(f"an answer is same, different or unsure, not {row['verdict']!r}")
        found[row["verdict"]][place[row["stratum"]]] += row["count_all"]
    same = found["same"] + strata["known_same"].to_numpy()
    different = found["different"] + strata["known_different"].to_numpy()
    return same, different, found["unsure"]


def _used(strata: pa.Table, same: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Strata that the estimate is over: random pairs count only when one of them is one person after all."""
    is_random = np.array([kind == "random" for kind in strata["kind"].to_pylist()], dtype=np.bool_)
    return np.asarray(~is_random | (same > 0))


def _counts(
    strata: pa.Table, same: NDArray[np.int64], different: NDArray[np.int64]
) -> tuple[Counts, int, tuple[str, ...]]:
    kinds = np.array(strata["kind"].to_pylist(), dtype=object)
    used = _used(strata, same)
    answers = (same + different).astype(np.float64)
    silent = used & (answers == 0)
    prior = strata["prior"].to_numpy()
    counts = Counts(
        merged=np.isin(kinds[used], list(MERGED)),
        pairs=strata["pairs"].to_numpy()[used],
        pairs_error=strata["pairs_error"].to_numpy()[used],
        answers=np.where(silent, _UNANSWERED, answers)[used],
        same=np.where(silent, prior * _UNANSWERED, same)[used],
    )
    names = np.array(strata["stratum"].to_pylist(), dtype=object)
    return counts, int(same[kinds == "random"].sum()), tuple(names[silent])


def _interval(counts: Counts, measure: Measure, unseen: tuple[float, float], z: float) -> Interval:
    low, high = bounds(counts, measure, unseen, z)
    return Interval(float(point(counts, measure, sum(unseen) / 2.0)), float(low), float(high))
