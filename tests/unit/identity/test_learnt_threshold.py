"""The threshold follows what the model expects of joins: bold where nothing is in doubt, careful where much is."""

from __future__ import annotations

import numpy as np

from identity.comparisons import Comparison, Level
from identity.expectation import Patterns
from identity.model import Model
from identity.threshold import LOWEST, choose_threshold

NAME = Comparison("name", ("name",), "false", (Level("same", "true"), Level("near", "true")), "different", ("name",))


def model(near: float) -> Model:
    m = np.array([0.02, 0.28, 0.7])
    u = np.array([1.0 - near - 1e-6, near, 1e-6])
    return Model((NAME,), (m,), (u,), (), 0.001, ())


def patterns(near: float) -> Patterns:
    return Patterns(np.array([[0], [1], [2]]), np.array([1e6, near, 700.0]), np.ones(3, dtype=np.int64))


def test_data_that_leaves_no_doubt_is_joined_at_low_odds() -> None:
    assert choose_threshold(patterns(0.0), model(1e-9)) == LOWEST


def test_doubtful_pairs_raise_the_threshold_above_their_own_weight() -> None:
    doubtful = model(0.28 * 0.001 / 2.0**1.2)  # nearly the same name: odds of 2.3 to 1
    chosen = choose_threshold(patterns(200.0), doubtful)
    assert 1.2 < chosen <= 4.0


def test_nothing_to_learn_from_is_odds_of_four_to_one() -> None:
    assert choose_threshold(Patterns(np.array([[0]]), np.array([10.0]), np.ones(1, np.int64)), model(1e-5)) == 2.0
