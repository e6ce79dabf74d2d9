"""From the sample to the interval, two hundred times over: made-up retailers, answered by the truth."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from benchmarks.labelling_coverage import World, make_world
from identity.labelling.estimators import UNSEEN, count_answers
from identity.labelling.frame import MERGED
from identity.labelling.sampling import SampleSettings, draw_sample
from identity.labelling.score_interval import Counts, bounds
from sandbox.generator import generate
from sandbox.records import identity_records, truth

DRAWS = 220


def answered(world: World, queue: pa.Table) -> pa.Table:
    """The queue, answered by the truth."""
    record, person = (world.truth[name].combine_chunks() for name in ("record_id", "person_id"))
    left, right = (
        person.take(pc.index_in(queue[side].combine_chunks(), value_set=record))
        for side in ("record_id_a", "record_id_b")
    )
    return queue.append_column("verdict", pc.if_else(pc.equal(left, right), "same", "different"))


@pytest.mark.slow
@pytest.mark.parametrize(("people", "seed"), [(400, 3), (500, 11)])
def test_intervals_cover_the_truth_as_often_as_they_say(people: int, seed: int) -> None:
    made = generate(people=people, seed=seed)
    world = make_world(identity_records(made), truth(made))
    rows = []
    for number in range(DRAWS):
        sample = draw_sample(
            world.customers,
            world.edges,
            threshold=world.threshold,
            settings=SampleSettings(labels=120, seed=number),
            near=world.near,
            near_share=world.near_share,
        )
        same, different, _ = count_answers(sample.strata, answered(world, sample.queue))
        rows.append((same, same + different))
    kinds = np.array(sample.strata["kind"].to_pylist(), dtype=object)
    used = kinds != "random"
    pairs = sample.strata["pairs"].to_numpy()[used]
    counts = Counts(
        np.isin(kinds[used], list(MERGED)),
        pairs,
        np.zeros(len(pairs)),
        np.array([answers[used] for _, answers in rows], dtype=float),
        np.array([same[used] for same, _ in rows], dtype=float),
    )
    # The mistake to make: every answer counted alike, as if the sample were one of all pairs.
    unweighted = Counts(counts.merged, counts.answers, np.zeros(len(pairs)), counts.answers, counts.same)
    for level in (0.90, 0.95):
        z = NormalDist().inv_cdf(0.5 + level / 2.0)
        least = level - 3.1 * np.sqrt(level * (1 - level) / DRAWS)
        assert covered(counts, "precision", (0.0, 0.0), z, world.quality.precision) >= least
        assert covered(counts, "recall", UNSEEN, z, world.quality.recall) >= least
        assert covered(counts, "f1", UNSEEN, z, world.quality.f1) >= least
    assert covered(unweighted, "recall", (0.0, 0.0), z, world.quality.recall) < 0.5
    low, high = bounds(counts, "precision", (0.0, 0.0), z)
    assert np.mean(high - low) < 0.1


def covered(counts: Counts, measure: str, unseen: tuple[float, float], z: float, figure: float) -> float:
    low, high = bounds(counts, measure, unseen, z)  # type: ignore[arg-type]
    return float(((low - 1e-9 <= figure) & (figure <= high + 1e-9)).mean())
