"""Ids are permanent in every history: records appear, vanish, come back; customers merge, split and regroup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.contract import CUSTOMER_LEDGER
from identity.customer_id import Assignment, assign
from identity.ledger import living_ids, replay, resolve_id

START = datetime(2026, 1, 1, tzinfo=UTC)
Clusters = dict[str, int]

histories = st.lists(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 3)), min_size=1, max_size=6)
thoroughly = settings(max_examples=30, deadline=None)


@dataclass(frozen=True)
class Step:
    """One run: what was found, and the state that it was given and left."""

    clusters: Clusters
    previous: pa.Table
    past: pa.Table
    result: Assignment

    @property
    def ledger(self) -> pa.Table:
        return pa.concat_tables([self.past, self.result.events])

    @property
    def ids(self) -> dict[str, str]:
        return {row["record_id"]: row["customer_id"] for row in self.result.customers.to_pylist()}


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def table(clusters: Clusters) -> pa.Table:
    return pa.table(
        {
            "record_id": pa.array(list(clusters), pa.string()),
            "cluster": pa.array(list(clusters.values()), pa.int64()),
        }
    )


def live(runs: list[Clusters]) -> list[Step]:
    steps: list[Step] = []
    customers = pa.table({name: pa.array([], pa.string()) for name in ("record_id", "customer_id")})
    ledger = CUSTOMER_LEDGER.empty_table()
    for number, clusters in enumerate(runs):
        result = assign(table(clusters), customers, ledger, run_id=f"run{number}", now=day(number))
        steps.append(Step(clusters, customers, ledger, result))
        customers, ledger = result.customers, steps[-1].ledger
    return steps


def members(ids: dict[str, str]) -> dict[str, frozenset[str]]:
    return {customer: frozenset(r for r in ids if ids[r] == customer) for customer in ids.values()}


@thoroughly
@given(histories, st.randoms(use_true_random=False))
def test_order_of_rows_and_names_of_clusters_change_nothing(runs: list[Clusters], random: Random) -> None:
    for step in live(runs):
        rows = list(step.clusters.items())
        random.shuffle(rows)
        names = random.sample("mnopqrst", 4)
        shuffled = pa.table(
            {
                "record_id": pa.array([record for record, _ in rows], pa.string()),
                "cluster": pa.array([names[cluster] for _, cluster in rows], pa.string()),
            }
        )
        order = np.random.default_rng(random.randrange(99)).permutation(step.previous.num_rows)
        number = step.result.events["run_id"].to_pylist()
        again = assign(
            shuffled,
            step.previous.take(pa.array(order, pa.int64())),
            step.past,
            run_id=number[0] if number else "",
            now=step.result.events["occurred_at"][0].as_py() if number else START,
        )
        assert again == step.result


@thoroughly
@given(histories)
def test_a_killed_run_repeated_says_the_same(runs: list[Clusters]) -> None:
    for step in live(runs):
        again = assign(table(step.clusters), step.previous, step.past, run_id="repeated", now=day(99))
        assert again.customers == step.result.customers
        what = ["event", "customer_id", "related_customer_id", "founding_record_id", "record_ids"]
        assert again.events.select(what) == step.result.events.select(what)


@thoroughly
@given(histories)
def test_the_same_clusters_again_are_no_event(runs: list[Clusters]) -> None:
    *_, last = live(runs)
    again = assign(table(last.clusters), last.result.customers, last.ledger, run_id="again", now=day(99))
    assert again.customers == last.result.customers
    assert again.events.num_rows == 0
    assert (again.kept, again.seen_before) == (len(last.clusters), len(last.clusters))


@thoroughly
@given(histories)
def test_one_id_per_cluster_and_one_cluster_per_id(runs: list[Clusters]) -> None:
    for step in live(runs):
        ids, clusters = step.ids, step.clusters
        assert set(ids) == set(clusters)
        assert all((clusters[a] == clusters[b]) == (ids[a] == ids[b]) for a in clusters for b in clusters)


@thoroughly
@given(histories)
def test_no_id_changes_whose_records_did_not_move(runs: list[Clusters]) -> None:
    steps = live(runs)
    for before, after in pairwise(steps):
        stayed = set(members(before.ids).values()) & set(members(after.ids).values())
        assert all(before.ids[record] == after.ids[record] for records in stayed for record in records)
        both = before.ids.keys() & after.ids.keys()
        assert after.result.seen_before == len(both)
        assert after.result.kept == sum(before.ids[record] == after.ids[record] for record in both)


@thoroughly
@given(histories)
def test_the_ledger_alone_tells_who_lives(runs: list[Clusters]) -> None:
    for step in live(runs):
        assert living_ids(step.ledger) == set(step.ids.values())


@thoroughly
@given(histories)
def test_every_id_ever_issued_resolves_and_redirects_hold_for_ever(runs: list[Clusters]) -> None:
    redirected: set[str] = set()
    for step in live(runs):
        living = set(step.ids.values())
        for issued in set(step.ledger["customer_id"].to_pylist()):
            found = resolve_id(step.ledger, issued)
            assert found.customer_id in living | {None}
            assert (found.status == "living") == (issued in living) == (found.customer_id == issued)
            assert (found.status == "retired") == (found.customer_id is None)
            assert set(found.siblings) <= living - {found.customer_id}
        events = step.result.events.to_pylist()
        redirected |= {row["customer_id"] for row in events if row["event"] == "merged"}
        assert not redirected & living


@thoroughly
@given(histories)
def test_an_id_is_never_used_for_other_people(runs: list[Clusters]) -> None:
    """An id that was there before holds a record that it, or an id that leads to it, had last; others are minted."""
    had_last: dict[str, str] = {}
    issued: set[str] = set()
    for step in live(runs):
        new = {row["customer_id"] for row in step.result.events.to_pylist() if row["event"] == "minted"}
        assert not new & issued
        past = replay(step.past)
        names = past.customer_ids.to_pylist()
        leads_to = {name: names[successor] for name, successor in zip(names, past.successor, strict=True)}
        for customer, records in members(step.ids).items():
            led = {had_last[record] for record in records & had_last.keys()}
            assert customer in new or customer in led | {leads_to[one] for one in led}
        had_last |= step.ids
        issued |= new


@thoroughly
@given(histories, st.sets(st.sampled_from("abcdefgh")))
def test_after_an_outage_the_ids_are_those_from_before(runs: list[Clusters], missing: set[str]) -> None:
    whole = runs[-1]
    left = {record: cluster for record, cluster in whole.items() if record not in missing}
    *_, before, _, after = live([*runs, left, whole])
    assert after.ids == before.ids


@thoroughly
@given(histories)
def test_the_past_answers_as_it_did_then(runs: list[Clusters]) -> None:
    steps = live(runs)
    whole = steps[-1].ledger
    for number, step in enumerate(steps):
        assert living_ids(whole, day(number)) == set(step.ids.values())
        for issued in set(step.ledger["customer_id"].to_pylist()):
            assert resolve_id(whole, issued, day(number)) == resolve_id(step.ledger, issued)


@thoroughly
@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 3), min_size=1),
    st.lists(st.one_of(st.sets(st.sampled_from("abcdefgh"), min_size=1), st.integers(2, 3)), max_size=5),
)
def test_where_customers_only_merge_and_split_an_id_answers_for_all_its_records(
    first: Clusters, changes: list[set[str] | int]
) -> None:
    """A set splits its records off their customers; a number merges the customers that leave the same remainder."""
    runs = [first]
    for change in changes:
        last = runs[-1]
        if isinstance(change, int):
            runs.append({record: cluster % change for record, cluster in last.items()})
        else:
            runs.append({record: 2 * cluster + (record in change) for record, cluster in last.items()})
    steps = live(runs)
    for step in steps:
        for customer, records in members(step.ids).items():
            found = resolve_id(steps[-1].ledger, customer)
            assert {steps[-1].ids[record] for record in records} <= {found.customer_id, *found.siblings}
