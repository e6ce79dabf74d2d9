"""What answers say of the model's probabilities and of the threshold: a proposal, never applied by itself.

Platt's (1999) logistic regression of the answers on the bits, weighted by the design, with a prior centred on changing
nothing, so that few answers change little. One line through bits keeps the order of all pairs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import log, log2
from statistics import NormalDist
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from identity.labelling.estimators import Interval, count_answers

Floats = NDArray[np.float64]

COST_RATIO: Final = 4.0
"""How many missed matches a wrong merge is worth; log2 of it is the default threshold."""
LEAST_WEIGHT: Final = -4.0
"""Bits from which every scored pair is kept; below, only those pairs that other evidence put together can be drawn."""
_OFFSET_SPREAD: Final = 1.0  # bits by which the model may be off before anything was answered
_SLOPE_SPREAD: Final = 0.35  # of the logarithm of the slope
_LARGEST_BITS: Final = 30.0
_ROUNDS: Final = 100
_DRAWS: Final = 20_000


@dataclass(frozen=True)
class Proposal:
    """`calibrated bits = offset + slope * match weight`, and the threshold that follows.

    `offset`, `slope`: with their standard errors. `answers`: scored pairs that were used; `effective`: how many equally
    weighted ones they are worth. `threshold`: bits on the model's own scale from which two groups of records are more
    dear to keep apart than to join, with a 90 % interval; `current`: the threshold that the sample was drawn under.
    """

    offset: float
    slope: float
    offset_error: float
    slope_error: float
    answers: int
    effective: float
    threshold: Threshold
    current: float
    cost_ratio: float

    @property
    def is_called_for(self) -> bool:
        """Whether the answers speak against what is in use: the current threshold is outside of the interval."""
        return not self.threshold.low <= self.current <= self.threshold.high

    def fragment(self, *, sample_id: str, model_id: str | None) -> str:
        """JSON with sorted keys, for the key `calibration` of a frozen model."""
        return json.dumps(
            {
                "kind": "platt_bits",
                "offset": round(self.offset, 6),
                "slope": round(self.slope, 6),
                "threshold": round(self.threshold.bits, 4),
                "threshold_interval": [round(self.threshold.low, 4), round(self.threshold.high, 4)],
                "cost_ratio": self.cost_ratio,
                "answers": self.answers,
                "effective_answers": round(self.effective, 2),
                "sample_id": sample_id,
                "model_id": model_id,
            },
            sort_keys=True,
        )


@dataclass(frozen=True)
class Threshold:
    """Bits, with the ends of their interval."""

    bits: float
    low: float
    high: float


def recalibrate(strata: pa.Table, answers: pa.Table, *, threshold: float, cost_ratio: float = COST_RATIO) -> Proposal:
    """Fit the line from the model's bits to calibrated bits, and the threshold at which the expected cost is least.

    Joining is right when the calibrated odds are at least `cost_ratio`: `offset + slope * bits >= log2(cost_ratio)`.

    Args:
        strata: per `sampling.STRATA`.
        answers: `stratum, verdict, match_weight`; those without a weight, or `unsure`, tell nothing here.
        threshold: of the clustering that the sample was drawn from, in bits.
        cost_ratio: what a wrong merge costs, in missed matches.

    Raises:
        ValueError: if `cost_ratio` is not above 0, or an answer is of no stratum.
    """
    if cost_ratio <= 0:
        raise ValueError(f"a wrong merge costs more than nothing; {cost_ratio:g} missed matches it cannot be")
    bits, same, weights = _scored(strata, answers)
    effective = float(weights.sum() ** 2 / (weights**2).sum()) if len(weights) else 0.0
    if len(weights):
        weights = weights * (effective / weights.sum())
    parameters, covariance = _fit(np.clip(bits, -_LARGEST_BITS, _LARGEST_BITS), same, weights)
    offset, slope = float(parameters[0]), float(np.exp(parameters[1]))
    return Proposal(
        offset=offset,
        slope=slope,
        offset_error=float(np.sqrt(covariance[0, 0])),
        slope_error=float(slope * np.sqrt(covariance[1, 1])),
        answers=len(weights),
        effective=effective,
        threshold=_threshold(parameters, covariance, log2(cost_ratio)),
        current=threshold,
        cost_ratio=cost_ratio,
    )


def calibrated(bits: Floats, proposal: Proposal) -> Floats:
    """Calibrated bits of match weights; the probability is `1 / (1 + 2 ** -bits)`."""
    return np.asarray(proposal.offset + proposal.slope * bits)


def calibration_table(strata: pa.Table, answers: pa.Table) -> list[tuple[str, int, Interval, float]]:
    """Per band of match probability: how many were answered, the share that is one person, the model's mean before.

    The interval is Wilson's at 95 %, at the effective number of answers.
    """
    bits, same, weights = _scored(strata, answers)
    probability = 1.0 / (1.0 + np.exp2(-bits))
    rows = []
    for low, high in ((0.0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 1.01)):
        inside = (probability >= low) & (probability < high)
        if not inside.any():
            continue
        w, y = weights[inside], same[inside]
        effective = float(w.sum() ** 2 / (w**2).sum())
        rows.append(
            (
                f"{low:.2f} to {min(high, 1.0):.2f}",
                int(inside.sum()),
                wilson(float((w * y).sum() / w.sum()), effective),
                float((w * probability[inside]).sum() / w.sum()),
            )
        )
    return rows


def wilson(share: float, answers: float, level: float = 0.95) -> Interval:
    """Wilson's (1927) interval of one share."""
    z = NormalDist().inv_cdf(0.5 + level / 2.0)
    centre = (share + z * z / (2 * answers)) / (1 + z * z / answers)
    half = z / (1 + z * z / answers) * (share * (1 - share) / answers + z * z / (4 * answers**2)) ** 0.5
    return Interval(share, max(centre - half, 0.0), min(centre + half, 1.0))


def _scored(strata: pa.Table, answers: pa.Table) -> tuple[Floats, Floats, Floats]:
    """Bits, verdicts (1 is one person) and design weights of the scored pairs that got a definite answer."""
    same, different, _ = count_answers(strata, answers)
    answered = np.maximum(same + different, 1)
    weight = dict(zip(strata["stratum"].to_pylist(), strata["pairs"].to_numpy() / answered, strict=True))
    frame = answers.to_pandas()
    frame = frame[frame["verdict"].isin(["same", "different"]) & (frame["match_weight"] >= LEAST_WEIGHT)]
    return (
        frame["match_weight"].to_numpy(dtype=np.float64),
        (frame["verdict"] == "same").to_numpy(dtype=np.float64),
        frame["stratum"].map(weight).to_numpy(dtype=np.float64),
    )


def _fit(bits: Floats, same: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """The most likely offset (bits) and logarithm of the slope, with their covariance, by damped Fisher scoring."""
    precision = np.diag([1.0 / _OFFSET_SPREAD**2, 1.0 / _SLOPE_SPREAD**2])
    parameters = np.zeros(2)
    information = precision
    for _ in range(_ROUNDS):
        odds = log(2.0) * (parameters[0] + np.exp(parameters[1]) * bits)
        probability = 1.0 / (1.0 + np.exp(-np.clip(odds, -500, 500)))
        slopes = log(2.0) * np.stack([np.ones_like(bits), np.exp(parameters[1]) * bits])
        information = (slopes * (weights * probability * (1.0 - probability))) @ slopes.T + precision
        step = np.linalg.solve(information, slopes @ (weights * (same - probability)) - precision @ parameters)
        # A step at most this long cannot leap over the optimum where probabilities are flat.
        parameters = parameters + step * min(1.0, 0.5 / max(float(np.abs(step).max()), 1e-12))
        if float(np.abs(step).max()) < 1e-9:
            break
    return parameters, np.linalg.inv(information)


def _threshold(parameters: Floats, covariance: Floats, odds: float) -> Threshold:
    draws = np.random.default_rng(0).multivariate_normal(parameters, covariance, size=_DRAWS)
    low, high = np.quantile((odds - draws[:, 0]) / np.exp(draws[:, 1]), [0.05, 0.95])
    return Threshold(float((odds - parameters[0]) / np.exp(parameters[1])), float(low), float(high))
