"""Intervals cover the truth as often as they say, also where mistakes are rare and strata heavy."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.labelling.estimators import TooFewAnswers, estimate, expected_widths
from identity.labelling.recalibration import wilson
from identity.labelling.sampling import STRATA
from identity.labelling.score_interval import Counts, bounds, point

REPEATS = 1000
# Strata as they are: most pairs sure and right, few doubtful, misses rare among very many pairs.
POPULATION = {
    "merged": np.array([True, True, True, False, False, False]),
    "pairs": np.array([9000.0, 900.0, 100.0, 8000.0, 600.0, 150.0]),
    "same": np.array([8990, 870, 80, 60, 150, 130]),
}


def z(level: float) -> float:
    return NormalDist().inv_cdf(0.5 + level / 2.0)


def drawn(sizes: list[int], seed: int, same: np.ndarray = POPULATION["same"]) -> Counts:
    pairs = POPULATION["pairs"]
    found = np.random.default_rng(seed).hypergeometric(
        same, pairs.astype(int) - same, sizes, size=(REPEATS, len(sizes))
    )
    answers = np.broadcast_to(np.array(sizes, dtype=float), found.shape)
    return Counts(POPULATION["merged"], pairs, np.zeros(len(sizes)), answers, found.astype(float))


def truths(same: np.ndarray) -> dict[str, float]:
    merged, pairs = POPULATION["merged"], POPULATION["pairs"]
    right, missed = same[merged].sum(), same[~merged].sum()
    return {
        "precision": right / pairs[merged].sum(),
        "recall": right / (right + missed),
        "f1": 2 * right / (pairs[merged].sum() + right + missed),
    }


@pytest.mark.parametrize("level", [0.90, 0.95])
@pytest.mark.parametrize("sizes", [[30, 10, 5, 30, 15, 10], [120, 25, 10, 100, 40, 30]])
@pytest.mark.parametrize("measure", ["precision", "recall", "f1"])
def test_the_truth_is_covered_as_often_as_is_said(level: float, sizes: list[int], measure: str) -> None:
    for seed, same in enumerate((POPULATION["same"], np.array([9000, 899, 98, 3, 40, 100]))):
        low, high = bounds(drawn(sizes, seed, same), measure, (0.0, 0.0), z(level))
        truth = truths(same)[measure]
        covered = ((low - 1e-9 <= truth) & (truth <= high + 1e-9)).mean()
        assert covered >= level - 0.01 - 3.1 * np.sqrt(level * (1 - level) / REPEATS)
        assert np.mean(high - low) < 0.15


def test_no_mistake_seen_is_not_no_mistake() -> None:
    counts = Counts(np.array([True]), np.array([1e9]), np.zeros(1), np.array([100.0]), np.array([100.0]))
    low, high = bounds(counts, "precision", (0.0, 0.0), z(0.95))
    assert 0.95 < float(low) < 0.98
    assert float(high) == 1.0


def test_one_stratum_is_nearly_wilsons() -> None:
    for same in (30.0, 50.0, 90.0):
        counts = Counts(np.array([True]), np.array([1e9]), np.zeros(1), np.array([100.0]), np.array([same]))
        low, high = bounds(counts, "precision", (0.0, 0.0), z(0.95))
        known = wilson(same / 100.0, 100.0)
        assert float(low) == pytest.approx(known.low, abs=0.01)
        assert float(high) == pytest.approx(known.high, abs=0.01)


def test_all_answered_is_all_known() -> None:
    pairs = POPULATION["pairs"]
    counts = Counts(POPULATION["merged"], pairs, np.zeros(6), pairs, POPULATION["same"].astype(float))
    for measure, truth in truths(POPULATION["same"]).items():
        low, high = bounds(counts, measure, (0.0, 0.0), 1.96)  # type: ignore[arg-type]
        assert float(low) == pytest.approx(truth, abs=1e-4)
        assert float(high) == pytest.approx(truth, abs=1e-4)


def test_a_size_that_is_estimated_widens_the_interval() -> None:
    counted = drawn([120, 25, 10, 100, 40, 30], 1)
    guessed = Counts(counted.merged, counted.pairs, counted.pairs * 0.3, counted.answers, counted.same)
    for measure in ("recall", "f1"):
        narrow = np.subtract(*bounds(counted, measure, (0.0, 0.0), 1.96)[::-1])  # type: ignore[arg-type]
        wide = np.subtract(*bounds(guessed, measure, (0.0, 0.0), 1.96)[::-1])  # type: ignore[arg-type]
        assert (wide > narrow).mean() > 0.99


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(1, 10**7), st.integers(1, 60), st.integers(0, 60)), min_size=1, max_size=9
    ),
    st.sampled_from(["precision", "recall", "f1"]),
    st.sampled_from([0.8, 0.95, 0.99]),
)
def test_an_interval_holds_its_estimate(rows: list[tuple[bool, int, int, int]], measure: str, level: float) -> None:
    rows = [(True, 50, 20, 18), *rows]
    answers = np.array([min(answers, pairs) for _, pairs, answers, _ in rows], dtype=float)
    counts = Counts(
        np.array([merged for merged, *_ in rows]),
        np.array([pairs for _, pairs, *_ in rows], dtype=float),
        np.zeros(len(rows)),
        answers,
        np.minimum(answers, [same for *_, same in rows]),
    )
    low, high = bounds(counts, measure, (0.0, 0.0), z(level))  # type: ignore[arg-type]
    estimated = float(point(counts, measure, 0.0))  # type: ignore[arg-type]
    assert 0.0 <= float(low) <= estimated + 1e-6
    assert estimated - 1e-6 <= float(high) <= 1.0


def strata(*rows: tuple[str, str, float, int, int]) -> pa.Table:
    """Strata of name, kind, pairs, pairs known to be one person and not."""
    named = [
        {"stratum": n, "kind": k, "pairs": p, "pairs_error": 0.0, "prior": 0.9, "sampled": 9}
        | {"known_same": same, "known_different": different}
        for n, k, p, same, different in rows
    ]
    return pa.Table.from_pylist(named, schema=STRATA)


def answers(**given_answers: dict[str, int]) -> pa.Table:
    rows = [(name, verdict) for name, told in given_answers.items() for verdict, n in told.items() for _ in range(n)]
    return pa.table({"stratum": [name for name, _ in rows], "verdict": [verdict for _, verdict in rows]})


STRATA_OF_FIVE = strata(
    ("sure", "merged", 1000.0, 0, 0),
    ("near", "rejected", 400.0, 0, 0),
    ("random", "random", 1e9, 0, 0),
    ("silent", "near_miss", 10.0, 0, 0),
    ("known", "judged_apart", 4.0, 3, 1),
)


def test_answers_count_by_the_size_of_their_stratum() -> None:
    found = estimate(
        STRATA_OF_FIVE,
        answers(
            sure={"same": 19, "different": 1, "unsure": 2}, near={"same": 5, "different": 15}, random={"different": 5}
        ),
    )
    assert found.precision.estimate == pytest.approx(0.95)
    # 950 right; 100 missed of 400, 9 of 10 by the model's word, 3 known for certain.
    assert found.recall_connected.estimate == pytest.approx(950 / (950 + 100 + 9 + 3))
    assert found.recall.low < found.recall_connected.low
    assert found.recall.high == pytest.approx(found.recall_connected.high)
    assert found.unanswered == ("silent",)
    assert found.surprises == 0
    assert found.answers == {"same": 27, "different": 22, "unsure": 2}
    assert found.against[0] == pytest.approx(19 / 22)
    assert found.in_favour[0] == pytest.approx(21 / 22)
    assert found.against[1] < found.recall.estimate < found.in_favour[1]


def test_one_match_among_random_pairs_is_no_small_thing() -> None:
    told = {"sure": {"same": 20}, "near": {"different": 20}, "silent": {"different": 5}}
    calm = estimate(STRATA_OF_FIVE, answers(**told, random={"different": 5}))
    alarm = estimate(STRATA_OF_FIVE, answers(**told, random={"different": 4, "same": 1}))
    assert alarm.surprises == 1
    assert calm.recall.low > 0.5
    assert alarm.recall.high < 0.01


def test_more_answers_would_be_worth_something() -> None:
    told = answers(sure={"same": 19, "different": 1}, near={"same": 5, "different": 15}, silent={"different": 5})
    now = estimate(STRATA_OF_FIVE, told)
    four = expected_widths(STRATA_OF_FIVE, told, 4.0)
    assert four["precision"] < 0.7 * now.precision.width
    assert four["recall_connected"] < 0.7 * now.recall_connected.width


def test_too_little_or_wrong_is_refused() -> None:
    with pytest.raises(TooFewAnswers, match="19 more"):
        estimate(strata(("sure", "merged", 9.0, 0, 0)), answers(sure={"same": 1, "unsure": 50}))
    with pytest.raises(ValueError, match="does not have"):
        estimate(STRATA_OF_FIVE, answers(other={"same": 20}))
    with pytest.raises(ValueError, match="not 'perhaps'"):
        estimate(STRATA_OF_FIVE, answers(sure={"perhaps": 20}))
    with pytest.raises(ValueError, match="between 0 and 1"):
        estimate(STRATA_OF_FIVE, answers(sure={"same": 20}), level=95)
