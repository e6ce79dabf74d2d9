"""The sample: every pair in one stratum, the same draw for the same seed, a larger one holds the smaller."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.labelling_coverage import JUDGED, World
from identity.labelling.frame import Stratum, build_frame
from identity.labelling.near_misses import find_near_misses
from identity.labelling.sampling import Sample, SampleSettings, allocate, draw_sample
from sandbox.generator import generate
from sandbox.records import identity_records
from tests.unit.identity.labelling_world import small_world


def draw(world: World, judged: pa.Table | None = None, **settings: int) -> Sample:
    return draw_sample(
        world.customers,
        world.edges,
        threshold=world.threshold,
        settings=SampleSettings(**settings),
        near=world.near,
        near_share=world.near_share,
        judged=judged,
    )


def pairs_of(queue: pa.Table) -> list[tuple[str, str]]:
    return list(zip(queue["record_id_a"].to_pylist(), queue["record_id_b"].to_pylist(), strict=True))


def shuffled(table: pa.Table, seed: int) -> pa.Table:
    return table.take(np.random.default_rng(seed).permutation(table.num_rows))


def test_every_pair_is_in_one_stratum() -> None:
    world = small_world()
    with duckdb.connect() as connection:
        strata = build_frame(connection, world.customers, world.edges, world.near, 1.0, JUDGED, world.threshold)
        rows = connection.execute("select count(*), count(distinct (record_id_a, record_id_b)) from frame").fetchall()
        ordered = connection.execute("select bool_and(record_id_a < record_id_b) from frame").fetchall()
    assert rows[0][0] == rows[0][1] == sum(stratum.pairs for stratum in strata if stratum.kind != "random")
    assert ordered == [(True,)]
    records = world.customers.num_rows
    assert sum(stratum.pairs for stratum in strata) == records * (records - 1) // 2
    sizes = np.array(world.customers["customer_id"].value_counts().field("counts").to_pylist())
    merged = sum(stratum.pairs for stratum in strata if stratum.kind == "merged")
    assert merged == (sizes * (sizes - 1) // 2).sum() == world.quality.predicted_pairs
    assert {stratum.kind for stratum in strata} >= {"merged", "rejected", "random"}


def test_no_pair_is_asked_twice_and_each_is_of_its_stratum() -> None:
    world = small_world()
    sample = draw(world, labels=150)
    pairs = pairs_of(sample.queue)
    assert len(pairs) == len(set(pairs)) == 150
    assert all(a < b for a, b in pairs)
    assert sample.queue["position"].to_pylist() == list(range(1, 151))
    customer = dict(zip(*(world.customers[name].to_pylist() for name in ("record_id", "customer_id")), strict=True))
    for row in sample.queue.to_pylist():
        together = customer[row["record_id_a"]] == customer[row["record_id_b"]]
        assert together == row["stratum"].startswith("merged")
    asked = {row["stratum"]: row["sampled"] for row in sample.strata.to_pylist()}
    counted = {row["values"]: row["counts"] for row in sample.queue["stratum"].value_counts().to_pylist()}
    assert counted == {name: n for name, n in asked.items() if n}
    assert asked["random"] == 5


def test_the_order_of_rows_does_not_matter_and_the_seed_does() -> None:
    world = small_world()
    turned = World(
        shuffled(world.customers, 1),
        shuffled(world.edges, 2),
        shuffled(world.near, 3),
        world.near_share,
        world.threshold,
        world.truth,
        world.quality,
    )
    assert draw(world).queue == draw(turned).queue
    assert draw(world).strata.drop_columns(["prior"]) == draw(turned).strata.drop_columns(["prior"])
    assert len({*pairs_of(draw(world).queue), *pairs_of(draw(world, seed=2).queue)}) > 300


def test_a_larger_sample_holds_the_smaller() -> None:
    world = small_world()
    small, large = (set(pairs_of(draw(world, labels=labels).queue)) for labels in (60, 240))
    assert len(small - large) <= 5  # random pairs have no frame to be drawn from
    assert len(large) == 240


def test_a_beginning_of_the_queue_has_the_shares_of_the_whole() -> None:
    queue = draw(small_world(), labels=200).queue
    whole = {row["values"]: row["counts"] / 200 for row in queue["stratum"].value_counts().to_pylist()}
    begun = {row["values"]: row["counts"] for row in queue.slice(0, 80)["stratum"].value_counts().to_pylist()}
    for name, share in whole.items():
        assert abs(begun.get(name, 0) - 80 * share) <= 1.0


def test_every_pair_of_a_stratum_is_drawn_as_often() -> None:
    ids = [f"a:p:{number:03}" for number in range(160)]
    alone = pa.table({"record_id": ids, "customer_id": ids, "link_strength": [1.0] * 160})
    edges = pa.table({"record_id_a": ids[::2], "record_id_b": ids[1::2], "match_weight": [5.0] * 80})
    seen: dict[tuple[str, str], int] = {}
    rounds = 100
    for seed in range(rounds):
        sample = draw_sample(alone, edges, threshold=2.0, settings=SampleSettings(labels=25, seed=seed))
        rejected = sample.queue.filter(pc.starts_with(sample.queue["stratum"], "rejected"))
        for pair in pairs_of(rejected):
            seen[pair] = seen.get(pair, 0) + 1
    assert sum(seen.values()) == rounds * 20
    assert set(seen) == set(zip(ids[::2], ids[1::2], strict=True))
    # Each is drawn 25 times on average, with a standard deviation of 4.3.
    assert max(seen.values()) <= 45
    assert min(seen.values()) >= 8


def test_what_was_judged_before_is_known_and_not_asked() -> None:
    world = small_world()
    first = draw(world, labels=100)
    rows = first.queue.to_pylist()
    judged = pa.table(
        {
            **{name: [row[name] for row in rows] for name in ("record_id_a", "record_id_b")},
            "verdict": ["same" if row["stratum"].startswith("merged") else "different" for row in rows[:-1]]
            + ["unsure"],
        }
    )
    second = draw(world, judged, labels=100)
    assert not set(pairs_of(first.queue)[:-1]) & set(pairs_of(second.queue))
    known = {row["kind"]: row for row in second.strata.to_pylist() if row["kind"].startswith("judged")}
    merged = sum(row["stratum"].startswith("merged") for row in rows[:-1])
    assert known["judged_merged"]["pairs"] == known["judged_merged"]["known_same"] == merged
    assert known["judged_apart"]["pairs"] == known["judged_apart"]["known_different"] == len(rows) - 1 - merged
    records = world.customers.num_rows
    assert sum(second.strata["pairs"].to_pylist()) == records * (records - 1) // 2


def test_near_misses_are_new_pairs_and_a_part_of_them_stands_for_all() -> None:
    records, world = identity_records(generate(people=300, seed=5)), small_world()
    edges = set(zip(*(world.edges[side].to_pylist() for side in ("record_id_a", "record_id_b")), strict=True))
    customer = dict(zip(*(world.customers[name].to_pylist() for name in ("record_id", "customer_id")), strict=True))
    whole = find_near_misses(records, world.customers, world.edges, default_region="US", seed=1)
    assert whole.share == 1.0
    assert not edges & set(pairs_of(whole.pairs))
    assert all(customer[a] != customer[b] for a, b in pairs_of(whole.pairs))
    totals = []
    for seed in range(8):
        part = find_near_misses(
            records, world.customers, world.edges, default_region="US", seed=seed, most_pairs=whole.pairs.num_rows // 4
        )
        assert set(pairs_of(part.pairs)) < set(pairs_of(whole.pairs))
        assert part.share == pytest.approx(0.25, abs=0.01)
        totals.append(part.pairs.num_rows / part.share)
    assert np.mean(totals) == pytest.approx(whole.pairs.num_rows, rel=0.15)


def test_sizes_of_sampled_near_misses_come_with_an_error_that_holds() -> None:
    world = small_world()

    def near_strata(near: pa.Table, share: float) -> dict[str, Stratum]:
        with duckdb.connect() as connection:
            strata = build_frame(connection, world.customers, world.edges, near, share, JUDGED, world.threshold)
        return {stratum.name: stratum for stratum in strata}

    name = "near miss, hardly connected"
    truth = near_strata(world.near, 1.0)[name]
    assert truth.pairs_error == 0.0
    customer = dict(zip(*(world.customers[column].to_pylist() for column in ("record_id", "customer_id")), strict=True))
    between = [tuple(sorted((customer[a], customer[b]))) for a, b in pairs_of(world.near)]
    number = {pair: place for place, pair in enumerate(sorted(set(between)))}
    place = np.array([number[pair] for pair in between])
    inside, sizes = 0, []
    for seed in range(40):
        kept = np.random.default_rng(seed).random(len(number)) < 0.4
        found = near_strata(world.near.filter(pa.array(kept[place])), 0.4).get(name)
        sizes.append(found.pairs if found is not None else 0.0)
        inside += found is not None and abs(found.pairs - truth.pairs) <= 2.0 * found.pairs_error
    assert inside >= 32
    assert np.mean(sizes) == pytest.approx(truth.pairs, rel=0.25)


@given(
    st.lists(st.tuples(st.integers(1, 10**9), st.floats(0, 1)), min_size=1, max_size=12),
    st.integers(20, 2000),
    st.integers(1, 10),
)
def test_allocation_adds_up_and_fits(rows: list[tuple[int, float]], labels: int, least: int) -> None:
    strata = [Stratum(str(n), "merged", float(pairs), 0.0, prior) for n, (pairs, prior) in enumerate(rows)]
    available = np.array([pairs for pairs, _ in rows])
    sizes = allocate(strata, available, SampleSettings(labels=labels, least_per_stratum=least))
    assert (sizes <= available).all()
    assert (sizes >= np.minimum(least, available)).all()
    assert sizes.sum() == min(max(labels, np.minimum(least, available).sum()), available.sum())


def test_most_is_asked_where_most_is_at_stake() -> None:
    strata = [
        Stratum(str(n), "merged", pairs, 0.0, prior)
        for n, (pairs, prior) in enumerate([(1000, 0.5), (1000, 0.99), (100, 0.5)])
    ]
    sizes = allocate(strata, np.array([1000, 1000, 100]), SampleSettings(labels=200))
    assert sizes[0] > 3 * sizes[1] > sizes[2] > 0


def test_one_record_has_no_pairs() -> None:
    world = small_world()
    with pytest.raises(ValueError, match="run identity first"):
        draw_sample(world.customers.slice(0, 1), world.edges, threshold=2.0, settings=SampleSettings())
