"""The look-up's own statements say what the statements of a run say."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from identity.agglomeration import UNIT, Links, agglomerate
from identity.blocking import RULES_BY_NAME, CountedRule, build_blocks
from identity.comparison_catalogue import EVERY_COMPARISON, looks, stand_ins, stated_levels
from identity.lookup.arrival import features_of, put_on_bench
from identity.lookup.customers import as_wholes, probabilities
from identity.lookup.index import Blocks, Key, load_index
from identity.lookup.workbench import Workbench, vectors_sql
from identity.scoring import Scores
from identity.term_frequencies import weigh_rarity
from identity.vectors import VectorBuilder
from tests.unit.identity.lookup_world import World, open_world


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with open_world(60, 1) as made:
        yield made


def test_its_vectors_are_those_of_splink_for_every_comparison_that_there_is(world: World) -> None:
    connection = world.state.connection
    connection.execute("create or replace temp view local as select * from features")
    connection.execute("""
        create or replace temp table pairs as
        select a.rid as rid_l, b.rid as rid_r from features as a join features as b on a.rid < b.rid
        where hash(a.rid, b.rid) % 3 = 0 or a.family = b.family or a.email = b.email
    """)
    columns = [str(row[0]) for row in connection.execute("describe features").fetchall()]
    VectorBuilder(connection, EVERY_COMPARISON).build("pairs", "by_splink")
    gammas = ", ".join(f"gamma_{comparison.name}" for comparison in EVERY_COMPARISON)
    rows = connection.execute(f"""
        select count(*), count(*) filter (gamma_email > 0) from (
            select rid_l, rid_r, {gammas} from by_splink
            intersect select rid_l, rid_r, {gammas} from ({vectors_sql(EVERY_COMPARISON, columns)})
        )
    """).fetchall()
    (expected,) = connection.execute("select count(*) from pairs").fetchall()[0]
    assert rows[0][0] == expected > 1000
    assert rows[0][1] > 0


def test_its_keys_are_those_of_the_blocks(world: World) -> None:
    connection, rules = world.state.connection, [counted.rule for counted in world.frozen.rules]
    build_blocks(connection, rules, features="features", blocks="all_blocks")
    bench, index = Workbench(world.frozen), load_index(connection, world.frozen, world.customers)
    for place in range(0, len(index.rids), 7):
        rid = int(index.rids[place])
        put_on_bench(bench, index, world.records.sort_by("record_id").slice(place, 1), rid, np.array([place], np.int32))
        own = {
            (counted.number, key.value, key.seeks)
            for counted, keys in zip(world.frozen.rules, bench.keys_of(rid), strict=True)
            for key in keys
        }
        assert own == set(connection.execute(f"select rule, key, seeks from all_blocks where rid = {rid}").fetchall())


def test_it_meets_whom_a_run_compares(world: World) -> None:
    """Left out and looked up, a record finds the partners of its blocked pairs, whatever the size of their blocks."""
    connection = world.state.connection
    bench, index = Workbench(world.frozen), load_index(connection, world.frozen, world.customers)
    met = 0
    for place in range(0, len(index.rids), 5):
        rid, own = int(index.rids[place]), np.array([place], np.int32)
        put_on_bench(bench, index, world.records.sort_by("record_id").slice(place, 1), rid, own)
        partners = connection.execute(f"""
            select rid_r from vectors where rid_l = {rid} union select rid_l from vectors where rid_r = {rid}
        """).fetchall()
        found = index.rids[index.candidates(bench.keys_of(rid), own)].tolist()
        assert sorted(found) == sorted(partner for (partner,) in partners)
        met += len(found)
    assert met > 50


def test_a_block_that_one_more_record_makes_too_large_is_not_compared() -> None:
    rule = CountedRule(RULES_BY_NAME["user_name_and_name"], 0, 3, 0)  # at most 3 pairs
    keys, rids, nobody = np.array([5, 5, 7, 7, 7], np.uint64), np.arange(5, dtype=np.int32), np.empty(0, np.int32)
    blocks = Blocks(rule, keys, rids, np.ones(5, dtype=np.bool_))
    assert blocks.met(Key(5, seeks=True), nobody).tolist() == [0, 1]
    assert blocks.met(Key(7, seeks=True), nobody).tolist() == []
    assert blocks.met(Key(7, seeks=True), rids[4:]).tolist() == [2, 3]
    assert blocks.met(Key(6, seeks=True), nobody).tolist() == []
    idle = Blocks(rule, keys, rids, np.zeros(5, dtype=np.bool_))
    assert idle.met(Key(7, seeks=True), nobody).tolist() == [2, 3, 4]
    assert idle.met(Key(7, seeks=False), nobody).tolist() == []


def test_its_rarity_is_that_of_a_run(world: World) -> None:
    index = load_index(world.state.connection, world.frozen, world.customers)
    bench = Workbench(world.frozen)
    bench.add(features_of(index, np.arange(len(index.rids), dtype=np.int32)))
    weigh_rarity(world.state.connection, world.frozen.frequencies, rarity="expected")
    expected = world.state.connection.sql("select * from expected order by rid").to_arrow_table()
    ours = bench.rarity().sort_by("rid")
    assert ours.column_names == expected.column_names
    for name in ours.column_names:
        np.testing.assert_allclose(ours[name].to_numpy(), expected[name].to_numpy(), rtol=1e-6)


def test_the_weight_of_a_whole_customer_is_what_clustering_asks_for(world: World) -> None:
    """A threshold just below the weight joins, one just above does not."""
    index = load_index(world.state.connection, world.frozen, world.customers)
    bench, model = Workbench(world.frozen), world.frozen.model
    looked_at = 0
    for place in range(len(index.rids)):
        members = index.of_customers(np.array([index.customers[place]]), 50)
        members = np.sort(members[members != place])
        if len(members) < 2 or looked_at == 40:
            continue
        bench.add(features_of(index, np.append(members, np.int32(place))))
        left, right = (side(members, np.int32(place)) for side in (np.minimum, np.maximum))
        scores = bench.compare(index.rids[left], index.rids[right])
        wholes = as_wholes(scores, np.zeros(len(members), dtype=np.int64), 1, model)
        count, weight = len(members), float(wholes.weight[0])
        bits = np.stack([scores.parts, *scores.rival_parts], axis=1)
        counts = looks(scores.gammas, stated_levels(model.comparisons))
        links = Links(
            np.arange(count), np.full(count, count),
            np.rint(bits / UNIT).astype(np.int64) * np.maximum(counts, 1)[:, np.newaxis],
            counts, np.ones(count, dtype=np.int64), np.zeros(count, dtype=np.int64),
        )  # fmt: skip
        begin = np.append(np.zeros(count, dtype=np.int64), count)
        for threshold, joined in ((weight - 0.01, 0), (weight + 0.01, count)):
            labels = agglomerate(
                begin, np.zeros_like(begin), links, model.prior_weights, stand_ins(model.comparisons), threshold
            )
            assert labels[-1] == joined
        looked_at += 1
    assert looked_at == 40


def test_rivals_share_what_is_likely_and_one_person_is_one_alternative() -> None:
    weight, possible = np.array([3.0, 3.0, 9.0]), np.array([True, True, False])
    assert probabilities(weight, np.array([1, 2, 3]), possible) == pytest.approx([8 / 17, 8 / 17, 0.0])
    assert probabilities(weight, np.array([0, 0, 3]), possible) == pytest.approx([8 / 9, 8 / 9, 0.0])


def test_a_user_name_counts_only_where_no_family_name_could_be_compared(world: World) -> None:
    model = world.frozen.model
    ((user_name, family),) = stand_ins(model.comparisons)
    gammas = np.full((2, len(model.comparisons)), -1, dtype=np.int8)
    gammas[0, user_name], gammas[1, family] = 1, 1
    parts = np.where(gammas > 0, 4.0, 0.0).astype(np.float32)
    ends = np.array([0, 1], dtype=np.int32)
    scores = Scores(ends, ends + 5, parts, tuple(parts for _ in model.rivals), np.zeros(2), gammas)
    together = as_wholes(scores, np.array([0, 0]), 1, model)
    assert together.bits[0, 0, [user_name, family]].tolist() == [0.0, 4.0]
    parted = as_wholes(scores, np.array([0, 1]), 2, model)
    assert parted.bits[:, 0, user_name].tolist() == [4.0, 0.0]
