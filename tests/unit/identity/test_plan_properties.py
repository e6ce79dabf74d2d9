"""Whatever the history: holding some changes leaves the others as proposed, and a plan repeated is the same plan."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.contract import CHANGE_DECISIONS, CUSTOMER_LEDGER, PLAN_CHANGES
from identity.ledger import living_ids
from identity.plan import Plan, make_plan
from identity.plan_bounds import Bounds
from identity.plan_decisions import new_decision

START = datetime(2026, 1, 1, tzinfo=UTC)
FREE = Bounds(largest_component=None, largest_share_merged=None, newly_reachable=None, strong_ids_per_source=None)
Clusters = dict[str, int]

clusterings = st.dictionaries(st.sampled_from("abcdefghij"), st.integers(0, 4))
histories = st.lists(clusterings, min_size=2, max_size=5)
thoroughly = settings(max_examples=30, deadline=None)


@dataclass
class World:
    """What the last run left behind."""

    customers: pa.Table
    ledger: pa.Table
    decisions: pa.Table
    runs: int = 0

    def plan(self, clusters: Clusters, seed: int | None = None, scope: pa.Array | None = None) -> Plan:
        table = pa.table(
            {
                "record_id": pa.array(list(clusters), pa.string()),
                "cluster": pa.array(list(clusters.values()), pa.int64()),
            }
        )
        customers, decisions = self.customers, self.decisions
        if seed is not None:
            table, customers, decisions = (shuffled(rows, seed) for rows in (table, customers, decisions))
        when = START + timedelta(days=self.runs)
        return make_plan(
            table,
            customers,
            self.ledger,
            run_id=f"run{self.runs}",
            now=when,
            bounds=FREE,
            decisions=decisions,
            scope=scope,
        )

    def apply(self, plan: Plan) -> None:
        self.customers = plan.assignment.customers
        self.ledger = pa.concat_tables([self.ledger, plan.assignment.events])
        self.runs += 1

    def decide(self, decision: Any, changes: list[dict[str, Any]]) -> None:
        self.runs += 1
        when = START + timedelta(days=self.runs)
        rows = [
            new_decision(decision, change=change, decided_by="steward", decided_at=when, reason="said so")
            for change in changes
        ]
        self.decisions = pa.concat_tables([self.decisions, *rows])


def shuffled(table: pa.Table, seed: int) -> pa.Table:
    return table.take(pa.array(np.random.default_rng(seed).permutation(len(table)), pa.int64()))


def live(runs: list[Clusters]) -> World:
    nobody = pa.table({name: pa.array([], pa.string()) for name in ("record_id", "customer_id")})
    world = World(nobody, CUSTOMER_LEDGER.empty_table(), CHANGE_DECISIONS.empty_table())
    for clusters in runs:
        world.apply(world.plan(clusters))
    return world


def ids(customers: pa.Table) -> dict[str, str]:
    return {row["record_id"]: row["customer_id"] for row in customers.to_pylist()}


def records_of(change: dict[str, Any]) -> set[str]:
    return {r for side in ("before", "after") for records in json.loads(change[side]).values() for r in records}


def some(changes: list[dict[str, Any]], random: Random) -> list[dict[str, Any]]:
    return [change for change in changes if random.random() < 0.5]


@thoroughly
@given(histories, st.randoms(use_true_random=False))
def test_holding_any_subset_leaves_the_others_exactly_as_proposed(runs: list[Clusters], random: Random) -> None:
    world = live(runs[:-1])
    before = ids(world.customers)
    proposed = world.plan(runs[-1])
    free = ids(proposed.proposal.customers)
    world.decide("hold", some(proposed.changes.to_pylist(), random))
    plan = world.plan(runs[-1])
    after = ids(plan.assignment.customers)
    assert set(after) == set(runs[-1])
    assert ids(plan.proposal.customers) == free
    held: set[str] = set()
    for change in plan.changes.filter(plan.changes["held"]).to_pylist():
        held |= records_of(change)
    for record in after:
        if record not in held:
            assert after[record] == free[record]
        elif record in before:
            assert after[record] == before[record]
        else:
            assert list(after.values()).count(after[record]) == 1
    assert living_ids(pa.concat_tables([world.ledger, plan.assignment.events])) == set(after.values())


@thoroughly
@given(histories, st.sets(st.sampled_from("abcdefghij")))
def test_a_plan_of_those_that_changed_is_the_plan_of_all(runs: list[Clusters], more: set[str]) -> None:
    """Though ids that are not looked at founded, or lost, records that are."""
    world = live(runs[:-1])
    before, last = ids(world.customers), runs[-1]
    whole = world.plan(last)
    customers = {before[record] for record in more & before.keys()} | {last.get(record) for record in more}
    changed = {record for change in whole.changes.to_pylist() for record in records_of(change)}
    scope = changed | {r for r in before.keys() | last.keys() if {before.get(r), last.get(r)} & customers - {None}}
    part = world.plan(
        {record: cluster for record, cluster in last.items() if record in scope},
        scope=pa.array(sorted(scope), pa.string()),
    )
    assert part.changes == whole.changes
    assert part.assignment.events == whole.assignment.events
    assert ids(part.assignment.customers).items() <= ids(whole.assignment.customers).items()
    stability = {"id_stability": 0, "id_stability_proposed": 0}
    assert part.summary | stability == whole.summary | stability


def test_a_scope_that_parts_a_customer_is_refused() -> None:
    world = live([{"a": 0, "b": 0, "c": 1}])
    with pytest.raises(ValueError, match="the scope parts 1 customers"):
        world.plan({"a": 0}, scope=pa.array(["a"]))


@thoroughly
@given(histories, st.integers(0, 99))
def test_order_of_rows_changes_nothing(runs: list[Clusters], seed: int) -> None:
    world = live(runs[:-1])
    assert world.plan(runs[-1], seed=seed).changes == world.plan(runs[-1]).changes


@thoroughly
@given(histories)
def test_what_differs_is_in_exactly_one_change_and_nothing_else_is(runs: list[Clusters]) -> None:
    world = live(runs[:-1])
    before = ids(world.customers)
    plan = world.plan(runs[-1])
    changes = plan.changes.to_pylist()
    assert plan.changes.schema == PLAN_CHANGES
    told = [record for change in changes for record in records_of(change)]
    assert len(told) == len(set(told))
    assert len({change["change_id"] for change in changes}) == len(changes)
    after = ids(plan.assignment.customers)
    differs = {record for record in before.keys() | after.keys() if before.get(record) != after.get(record)}
    assert differs <= set(told)
    for change in changes:
        records = records_of(change)
        assert len(records) == change["records"]
        assert len(records - before.keys()) == change["records_added"]
        assert len(records - after.keys()) == change["records_removed"]
        both = records & before.keys() & after.keys()
        assert sum(before[record] != after[record] for record in both) == change["records_moved"]
        assert {before[record] for record in records & before.keys()} == set(change["former_customer_ids"])
        assert {after[record] for record in records & after.keys()} == set(change["customer_ids"])
    merged = [row for row in plan.assignment.events.to_pylist() if row["event"] == "merged"]
    living = set(before.values())
    assert sum(c["customers_merged"] for c in changes) == sum(row["customer_id"] in living for row in merged)


@thoroughly
@given(histories)
def test_an_applied_plan_leaves_nothing_to_plan(runs: list[Clusters]) -> None:
    world = live(runs)
    again = world.plan(runs[-1])
    assert len(again.changes) == 0
    assert len(again.assignment.events) == 0


@thoroughly
@given(histories, st.randoms(use_true_random=False))
def test_applied_again_only_the_held_is_proposed_and_released_it_is_applied(
    runs: list[Clusters], random: Random
) -> None:
    world = live(runs[:-1])
    free = world.plan(runs[-1])
    world.decide("hold", some(free.changes.to_pylist(), random))
    plan = world.plan(runs[-1])
    world.apply(plan)
    again = world.plan(runs[-1])
    held = plan.changes.filter(plan.changes["held"])["change_id"].to_pylist()
    assert again.changes["change_id"].to_pylist() == held
    assert all(again.changes["held"].to_pylist())
    world.decide("release", again.changes.to_pylist())
    world.apply(world.plan(runs[-1]))
    after = ids(world.customers)
    assert all((after[a] == after[b]) == (runs[-1][a] == runs[-1][b]) for a in after for b in after)
    assert len(world.plan(runs[-1]).changes) == 0
