"""What people's answers said of a model's probabilities, carried by the model once somebody has adopted it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from identity.model import Floats

if TYPE_CHECKING:
    from identity.artifact import FrozenModel

_LARGEST_BITS = 60.0


class CalibrationMismatch(ValueError):
    """The calibration is none, or was made from answers about another model; the message says what to do."""


@dataclass(frozen=True)
class Calibration:
    """`calibrated bits = offset + slope * match weight` (Platt 1999), from the answers of one sample.

    `threshold` is on the model's own scale; `model_id` is the model whose pairs were judged.
    """

    offset: float
    slope: float
    threshold: float
    sample_id: str
    model_id: str

    def as_json(self) -> dict[str, Any]:
        """For the key `calibration` of a frozen model."""
        return asdict(self)


def read_calibration(content: dict[str, Any]) -> Calibration:
    """Read what `labelling.recalibration` proposed, or what a frozen model carries.

    Raises:
        CalibrationMismatch: if something is missing, or the line would turn the order of pairs around.
    """
    try:
        found = Calibration(
            float(content["offset"]),
            float(content["slope"]),
            float(content["threshold"]),
            str(content["sample_id"]),
            str(content["model_id"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CalibrationMismatch(
            f"this is no calibration ({type(error).__name__}: {error}); "
            "`braid identity review calibrate --out FILE` writes one"
        ) from error
    if not found.slope > 0:
        raise CalibrationMismatch(f"the slope is {found.slope}; more evidence must not make a match less likely")
    return found


def calibrated(frozen: FrozenModel, proposal: str) -> FrozenModel:
    """The model with the threshold and the probabilities that the answers speak for: another model, with its own id.

    Raises:
        CalibrationMismatch: if `proposal` (JSON) is no calibration or is about another model.
    """
    try:
        content = json.loads(proposal)
    except ValueError as error:
        raise CalibrationMismatch(
            f"this is no JSON ({error}); `braid identity review calibrate --out FILE` writes it"
        ) from error
    calibration = read_calibration(content if isinstance(content, dict) else {})
    if calibration.model_id != frozen.model_id:
        raise CalibrationMismatch(
            f"the answers were about model {calibration.model_id}, in use is {frozen.model_id}: bits of another model "
            "mean something else. Draw a new sample with `braid identity review draw`."
        )
    return replace(frozen, calibration=calibration, threshold=calibration.threshold).frozen()


def calibrated_bits(weight: Floats, calibration: Calibration | None) -> Floats:
    """Match weights as bits that can be believed; as they are without a calibration."""
    return weight if calibration is None else np.asarray(calibration.offset + calibration.slope * weight)


def probability(weight: Floats, calibration: Calibration | None = None) -> Floats:
    """The match probability of match weights (bits, prior included)."""
    bits = np.clip(calibrated_bits(weight, calibration), -_LARGEST_BITS, _LARGEST_BITS)
    return np.asarray(1.0 / (1.0 + np.exp2(-bits)))
