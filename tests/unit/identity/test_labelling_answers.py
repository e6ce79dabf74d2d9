"""Judgements become answers, sheets are read whole or not at all, and few answers change little."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from identity.columns import conform
from identity.contract import IDENTITY_RECORDS, JUDGEMENTS
from identity.judgement import new_judgement
from identity.labelling.answers import UnreadableAnswers, answers_of, labelling_sheet, read_sheet
from identity.labelling.recalibration import calibrated, calibration_table, recalibrate
from identity.labelling.sampling import QUEUE, STRATA

DRAWN = datetime(2026, 3, 1, tzinfo=UTC)
QUEUE_OF_TWO = pa.Table.from_pylist(
    [
        {"position": 1, "record_id_a": "a:p:1", "record_id_b": "a:p:2", "stratum": "merged", "match_weight": 5.0},
        {"position": 2, "record_id_a": "a:p:1", "record_id_b": "b:p:9", "stratum": "random", "match_weight": None},
    ],
    schema=QUEUE,
)
RECORDS = conform(
    pa.table(
        {
            "record_id": ["a:p:1", "a:p:2", "b:p:9"],
            "source": ["a", "a", "b"],
            "entity": ["p"] * 3,
            "native_id": ["1", "2", "9"],
            "full_name": ["=HYPERLINK(1)", "Ann Lee", None],
            "phones": pa.array([["+1 415 555 0100", "5"], [], None], pa.list_(pa.string())),
        }
    ),
    IDENTITY_RECORDS,
)


def judged(*told: tuple[str, str, str, int]) -> pa.Table:
    rows = [
        new_judgement(a, b, verdict, judged_by="ann", judged_at=DRAWN + timedelta(days=day), reason="saw it")  # type: ignore[arg-type]
        for a, b, verdict, day in told
    ]
    return pa.concat_tables(rows) if rows else JUDGEMENTS.empty_table()


def test_the_newest_judgement_since_the_sample_is_the_answer() -> None:
    def verdicts(*told: tuple[str, str, str, int]) -> list[str | None]:
        verdict: list[str | None] = answers_of(QUEUE_OF_TWO, judged(*told), DRAWN)["verdict"].to_pylist()
        return verdict

    assert verdicts() == [None, None]
    assert verdicts(("a:p:2", "a:p:1", "same", -1)) == [None, None]
    assert verdicts(("a:p:2", "a:p:1", "same", 1), ("a:p:1", "a:p:2", "unsure", 2)) == ["unsure", None]
    assert verdicts(("a:p:1", "b:p:9", "different", 3), ("a:p:2", "b:p:9", "same", 3)) == [None, "different"]


def sheet(**columns: Any) -> pa.Table:
    rows = labelling_sheet(QUEUE_OF_TWO, RECORDS, "s1").to_pandas()
    for name, values in columns.items():
        rows[name] = values
    return pa.Table.from_pandas(rows, preserve_index=False)


def test_a_sheet_shows_both_records_and_no_formula() -> None:
    first, second = sheet().to_pylist()
    assert first["full_name_a"] == "'=HYPERLINK(1)"
    assert first["phones_a"] == "'+1 415 555 0100, 5"
    assert first["phones_b"] == second["full_name_b"] == ""
    assert "birth_date_a" not in first
    assert first["verdict"] == ""


def test_a_sheet_comes_back() -> None:
    found = read_sheet(sheet(verdict=[" S", "Unsure"], reason=["", "too little"]), QUEUE_OF_TWO, "s1").to_pylist()
    assert [(row["record_id_b"], row["verdict"], row["match_weight"], row["reason"]) for row in found] == [
        ("a:p:2", "same", 5.0, ""),
        ("b:p:9", "unsure", None, "too little"),
    ]
    assert read_sheet(sheet(), QUEUE_OF_TWO, "s1").num_rows == 0


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"verdict": ["same", "Ann Lee"]}, "line 3: no verdict"),
        ({"verdict": ["same", ""], "sample": "s0"}, "line 2: of another sample than s1"),
        ({"verdict": ["", "d"], "record_id_b": ["x", "x"]}, "line 3: a pair that is not in the queue"),
        ({"verdict": ["d", "d"], "record_id_b": ["a:p:2", "a:p:2"]}, "line 3: a pair that an earlier line has"),
    ],
)
def test_a_wrong_line_is_named_and_what_it_holds_is_not(columns: dict[str, Any], words: str) -> None:
    with pytest.raises(UnreadableAnswers, match=words) as caught:
        read_sheet(sheet(**columns), QUEUE_OF_TWO, "s1")
    assert "Ann" not in str(caught.value)
    with pytest.raises(UnreadableAnswers, match="no column verdict"):
        read_sheet(sheet().drop_columns(["verdict"]), QUEUE_OF_TWO, "s1")


def strata(**pairs: float) -> pa.Table:
    common = {"kind": "rejected", "pairs_error": 0.0, "prior": 0.5, "sampled": 0, "known_same": 0, "known_different": 0}
    return pa.Table.from_pylist([{"stratum": name, "pairs": n, **common} for name, n in pairs.items()], schema=STRATA)


def told(count: int, offset: float, slope: float, seed: int = 1, stratum: str = "all") -> pa.Table:
    """Answers of people who know that the model's bits are off by a line."""
    generator = np.random.default_rng(seed)
    bits = generator.uniform(-3.0, 12.0, count)
    same = generator.random(count) < 1.0 / (1.0 + np.exp2(-(offset + slope * bits)))
    return pa.table(
        {
            "stratum": pa.array([stratum] * count, pa.string()),
            "verdict": pa.array(np.where(same, "same", "different").tolist(), pa.string()),
            "match_weight": pa.array(bits, pa.float64()),
        }
    )


def test_no_answers_propose_nothing() -> None:
    proposal = recalibrate(strata(all=1000.0), told(0, 0, 1), threshold=2.0)
    assert (proposal.offset, proposal.slope, proposal.threshold.bits) == (0.0, 1.0, 2.0)
    assert not proposal.is_called_for
    assert json.loads(proposal.fragment(sample_id="s", model_id=None))["answers"] == 0


def test_many_answers_find_the_line_and_few_stay_near_nothing() -> None:
    population = strata(all=1e5)
    many = recalibrate(population, told(6000, -3.0, 0.6), threshold=2.0)
    assert many.offset == pytest.approx(-3.0, abs=0.3)
    assert many.slope == pytest.approx(0.6, abs=0.06)
    assert many.threshold.bits == pytest.approx((2.0 + 3.0) / 0.6, abs=0.4)
    assert many.is_called_for
    few = [recalibrate(population, told(4, -3.0, 0.6, seed), threshold=2.0) for seed in range(50)]
    assert abs(np.mean([proposal.offset for proposal in few])) < 1.5
    assert all(one.threshold.high - one.threshold.low > 5 * (many.threshold.high - many.threshold.low) for one in few)
    bits = np.linspace(-30, 30, 61)
    assert all((np.diff(calibrated(bits, proposal)) > 0).all() for proposal in (*few, many))


def test_the_interval_of_the_threshold_holds_the_best_one() -> None:
    best = (2.0 + 1.0) / 0.8
    found = [recalibrate(strata(all=1e5), told(150, -1.0, 0.8, seed), threshold=2.0).threshold for seed in range(100)]
    assert sum(t.low <= best <= t.high for t in found) >= 82


def test_answers_weigh_as_much_as_the_pairs_they_stand_for() -> None:
    """A stratum that is asked about too often must not bend the line its way."""
    both = pa.concat_tables([told(300, 0.0, 1.0), told(300, -6.0, 1.0, seed=2, stratum="odd")])
    mostly_right = recalibrate(strata(all=1e6, odd=1e3), both, threshold=2.0)
    mostly_odd = recalibrate(strata(all=1e3, odd=1e6), both, threshold=2.0)
    assert mostly_right.offset > -1.0
    assert mostly_odd.offset < -3.5


def test_a_dear_wrong_merge_raises_the_threshold() -> None:
    cheap, dear = (
        recalibrate(strata(all=1e5), told(500, 0.0, 1.0), threshold=2.0, cost_ratio=ratio).threshold.bits
        for ratio in (1.0, 64.0)
    )
    assert dear == pytest.approx(cheap + 6.0, abs=1.5)
    with pytest.raises(ValueError, match="costs more than nothing"):
        recalibrate(strata(all=1e5), told(5, 0.0, 1.0), threshold=2.0, cost_ratio=0.0)


def test_the_table_sets_the_model_beside_the_answers() -> None:
    rows = calibration_table(strata(all=1e5), told(2000, -3.0, 1.0))
    assert sum(answers for _, answers, _, _ in rows) == 2000
    for _, _, interval, model in rows[1:-1]:
        assert interval.high < model
