"""Each bound holds back just the changes that break it, and none that makes things better."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from identity.customer_id import assign
from identity.judgement import Constraints, constraints, new_judgement
from identity.plan import Plan, make_plan
from identity.plan_bounds import Bounds
from identity.plan_decisions import new_decision
from identity.plan_facts import Facts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OFF = Bounds(largest_component=None, largest_share_merged=None, newly_reachable=None, strong_ids_per_source=None)


def table(clusters: str) -> pa.Table:
    """Clusters written as "ab c"; a record is a letter."""
    rows = [(record, cluster) for cluster in clusters.split() for record in cluster]
    return pa.table(
        {
            "record_id": pa.array([record for record, _ in rows], pa.string()),
            "cluster": pa.array([cluster for _, cluster in rows], pa.string()),
        }
    )


def plan(before: str | None, after: str, bounds: Bounds, **how: Any) -> Plan:
    if before is None:
        return make_plan(table(after), None, None, run_id="run1", now=NOW, bounds=bounds, **how)
    first = assign(table(before), None, None, run_id="run0", now=NOW)
    return make_plan(table(after), first.customers, first.events, run_id="run1", now=NOW, bounds=bounds, **how)


def held(found: Plan) -> list[str]:
    """The reasons, without the figures, of the changes held."""
    return sorted(reason.split(":")[0] for row in found.changes.to_pylist() for reason in row["held_because"])


def together(found: Plan) -> str:
    customers: dict[str, str] = {}
    for row in found.assignment.customers.to_pylist():
        customers[row["customer_id"]] = customers.get(row["customer_id"], "") + row["record_id"]
    return " ".join(sorted(customers.values()))


def records(**columns: Any) -> Facts:
    return Facts(records=pa.table({"record_id": list("abcdefgh")[: len(next(iter(columns.values())))]} | columns))


def consents(**channels: str) -> Facts:
    """One letter per record a, b, ...: g granted, d denied, u unknown, . nothing."""
    words = {"g": "granted", "d": "denied", "u": "unknown", ".": None}
    return records(**{f"consent_{name}": pa.array([words[x] for x in said], "str") for name, said in channels.items()})


@pytest.mark.parametrize(
    ("before", "after", "kept", "reasons"),
    [
        ("ab c de f", "abc def", "abc def", []),
        ("ab cd ef g", "abcd efg", "ab cd efg", ["largest_component"]),
        (None, "abcd efg", "a b c d efg", ["largest_component"]),
        ("abcdef", "abcd ef", "abcd ef", []),
        ("abcd e", "abcde", "abcd e", ["largest_component"]),
        ("abcd", "abc", "abc", []),
    ],
)
def test_a_customer_may_not_grow_beyond_the_largest(before: str, after: str, kept: str, reasons: list[str]) -> None:
    found = plan(before, after, OFF.model_copy(update={"largest_component": 3}))
    assert (together(found), held(found)) == (kept, reasons)
    assert together(plan(before, after, OFF)) == " ".join(sorted(after.split()))


@pytest.mark.parametrize(
    ("before", "after", "kept", "reasons"),
    [
        ("ab cd", "abcd", "ab cd", ["strong_ids_per_source"]),
        ("ab de", "abde", "abde", []),
        ("ab df", "abdf", "abdf", []),
        ("abcd", "abc d", "abc d", []),
        (None, "abc", "a b c", ["strong_ids_per_source"]),
    ],
)
def test_two_strong_ids_of_one_source_are_two_people(before: str, after: str, kept: str, reasons: list[str]) -> None:
    facts = records(
        source=["shop", "crm", "shop", "crm", "crm", "shop"], is_strong_id=[True, False, True, True, None, False]
    )
    found = plan(before, after, OFF.model_copy(update={"strong_ids_per_source": 1}), facts=facts)
    assert (together(found), held(found)) == (kept, reasons)
    assert held(plan(before, after, OFF, facts=facts)) == []


@pytest.mark.parametrize(
    ("before", "after", "facts", "reasons"),
    [
        # Merged, a denial wins on its own channel ...
        ("a b", "ab", consents(email="dg"), []),
        # ... but opens every other that the other half had granted.
        ("a b", "ab", consents(email="d.", sms=".g"), ["newly_reachable"]),
        ("a b", "ab", consents(email="d.", sms="gg"), []),
        ("a b", "ab", consents(email="u.", sms=".g"), []),
        ("a b", "ab", consents(email="d.", sms="dg"), []),
        # Split, the denial stays with one half.
        ("ab", "a b", consents(email="dg"), ["newly_reachable"]),
        ("ab c", "a bc", consents(email="dug"), ["newly_reachable"]),
        ("ab c", "a bc", consents(email="dud"), []),
        # What a new record grants is its own person's word.
        ("a", "ab", consents(email="d.", sms=".g"), []),
    ],
)
def test_nobody_who_opted_out_becomes_reachable(before: str, after: str, facts: Facts, reasons: list[str]) -> None:
    found = plan(before, after, OFF.model_copy(update={"newly_reachable": 0}), facts=facts)
    assert held(found) == reasons
    assert together(found) == (before if reasons else after)
    assert held(plan(before, after, OFF, facts=facts)) == []


def test_the_denial_of_a_removed_record_counts_for_those_it_was_with() -> None:
    bounds = OFF.model_copy(update={"newly_reachable": 0})
    assert held(plan("abc", "b c", bounds, facts=consents(email="dg."))) == ["newly_reachable"]


BEFORE, AFTER = "a b c d e f g h i j k l", "ab cd ef g h i j k lm"


def some_merged(**how: Any) -> Plan:
    bounds = OFF.model_copy(update={"largest_share_merged": 0.2, "merges_always_allowed": 2})
    return plan(BEFORE, AFTER, bounds, **how)


def test_a_run_that_merges_too_many_is_held_in_all_its_merges_and_in_nothing_else() -> None:
    found = some_merged()
    assert held(found) == ["largest_share_merged"] * 3
    assert together(found) == "a b c d e f g h i j k lm"
    assert found.summary["customers_merge_held"] == 3


def test_released_merges_are_not_asked_about_and_do_not_count() -> None:
    change = next(row for row in some_merged().changes.to_pylist() if '"a", "b"' in row["after"])
    release = new_decision("release", change=change, decided_by="ann", decided_at=NOW, reason="seen")
    assert together(some_merged(decisions=release)) == "ab cd ef g h i j k lm"


def test_merges_that_people_asked_for_are_not_held_for_their_number() -> None:
    same: Constraints = constraints(new_judgement("a", "b", "same", judged_by="ann", judged_at=NOW, reason="seen"))
    assert together(some_merged(judgements=same)) == "ab cd ef g h i j k lm"


def test_few_merges_are_never_too_many() -> None:
    bounds = OFF.model_copy(update={"largest_share_merged": 0.2, "merges_always_allowed": 3})
    assert held(plan(BEFORE, AFTER, bounds)) == []


def test_the_bounds_of_a_run_are_asked_after_those_of_its_changes() -> None:
    bounds = OFF.model_copy(
        update={"largest_share_merged": 0.2, "merges_always_allowed": 2, "strong_ids_per_source": 1}
    )
    facts = records(source=["shop", "shop"], is_strong_id=[True, True])
    found = plan(BEFORE, AFTER, bounds, facts=facts)
    assert held(found) == ["strong_ids_per_source"]
    assert together(found) == "a b cd ef g h i j k lm"
