"""A calibration that people's answers led to becomes part of a model, and of no other one."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from identity.artifact import FrozenModel, load_model
from identity.calibration import CalibrationMismatch, calibrated, probability
from identity.pipeline import resolve
from identity.settings import IdentitySettings
from sandbox.generator import generate
from sandbox.records import identity_records

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def frozen() -> FrozenModel:
    records = identity_records(generate(people=80, seed=3))
    made = resolve(records, previous=None, ledger=None, run_id="1", now=NOW, settings=IdentitySettings())
    return load_model(made.model)


def proposal(frozen: FrozenModel, **changes: object) -> str:
    said = {"offset": -1.0, "slope": 0.5, "threshold": 3.5, "sample_id": "sample", "model_id": frozen.model_id}
    return json.dumps(said | changes)


def test_the_calibrated_model_is_another_one_and_comes_back_from_its_json(frozen: FrozenModel) -> None:
    other = calibrated(frozen, proposal(frozen))
    assert other.model_id != frozen.model_id
    assert other.threshold == 3.5
    assert load_model(other.text).calibration == other.calibration
    assert frozen.calibration is None and "calibration" not in json.loads(frozen.text)


def test_probabilities_follow_the_line_and_keep_their_order(frozen: FrozenModel) -> None:
    other = calibrated(frozen, proposal(frozen))
    bits = np.array([-4.0, 2.0, 10.0])
    assert probability(bits, other.calibration) == pytest.approx(1 / (1 + 2.0 ** -(-1.0 + 0.5 * bits)))
    assert probability(bits) == pytest.approx(1 / (1 + 2.0**-bits))


def test_a_run_with_it_shows_those_probabilities_and_the_same_weights(frozen: FrozenModel) -> None:
    records = identity_records(generate(people=80, seed=3))

    def edges(model: FrozenModel) -> dict[tuple[str, str], tuple[float, float]]:
        made = resolve(
            records, previous=None, ledger=None, run_id="1", now=NOW, settings=IdentitySettings(), model=model.text
        )
        return {
            (row["record_id_a"], row["record_id_b"]): (row["match_weight"], row["match_probability"])
            for row in made.edges.to_pylist()
        }

    plain, said = edges(frozen), edges(calibrated(frozen, proposal(frozen, threshold=frozen.threshold)))
    both = plain.keys() & said.keys()
    assert both
    assert all(plain[pair][0] == said[pair][0] for pair in both)
    assert any(plain[pair][1] != said[pair][1] for pair in both)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model_id": "another"}, "Draw a new sample"),
        ({"slope": -1.0}, "less likely"),
        ({"slope": None}, "no calibration"),
    ],
)
def test_what_does_not_belong_to_the_model_is_refused(
    frozen: FrozenModel, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(CalibrationMismatch, match=words):
        calibrated(frozen, proposal(frozen, **changes))


def test_what_is_no_json_is_refused(frozen: FrozenModel) -> None:
    with pytest.raises(CalibrationMismatch, match="no JSON"):
        calibrated(frozen, "offset: 1")
