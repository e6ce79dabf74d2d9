"""A plan says what a run would change, why, how far it reaches; bounds and stewards hold back just that."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from identity.contract import CHANGE_DECISIONS, CUSTOMER_LEDGER
from identity.judgement import constraints, new_judgement
from identity.plan import Plan, make_plan
from identity.plan_bounds import Bounds
from identity.plan_decisions import new_decision
from identity.plan_facts import Facts

START = datetime(2026, 1, 1, tzinfo=UTC)


class Platform:
    """Runs written as "ab c": a and b are one customer, c another."""

    def __init__(self, first: str) -> None:
        self.customers: pa.Table | None = None
        self.ledger = CUSTOMER_LEDGER.empty_table()
        self.decisions = CHANGE_DECISIONS.empty_table()
        self.days = 0
        self.apply(self.plan(first))

    def plan(self, clusters: str, **how: Any) -> Plan:
        rows = [(record, cluster) for cluster in clusters.split() for record in cluster]
        table = pa.table(
            {
                "record_id": pa.array([record for record, _ in rows], pa.string()),
                "cluster": pa.array([cluster for _, cluster in rows], pa.string()),
                "link_strength": pa.array([0.5 + ord(record) / 1000 for record, _ in rows], pa.float64()),
            }
        )
        return make_plan(
            table,
            self.customers,
            self.ledger,
            run_id=f"run{self.days}",
            now=START + timedelta(days=self.days),
            decisions=self.decisions,
            **how,
        )

    def apply(self, plan: Plan) -> None:
        self.customers = plan.assignment.customers
        self.ledger = pa.concat_tables([self.ledger, plan.assignment.events])
        self.days += 1

    def decide(self, decision: Any, **about: Any) -> None:
        self.days += 1
        when = START + timedelta(days=self.days)
        row = new_decision(decision, decided_by="ann", decided_at=when, reason="called them", **about)
        self.decisions = pa.concat_tables([self.decisions, row])

    def id_of(self, record: str) -> str:
        assert self.customers is not None
        return next(row["customer_id"] for row in self.customers.to_pylist() if row["record_id"] == record)


def only(plan: Plan) -> dict[str, Any]:
    (change,) = plan.changes.to_pylist()
    return dict(change)


def together(plan: Plan) -> str:
    found: dict[str, str] = {}
    for row in plan.assignment.customers.to_pylist():
        found[row["customer_id"]] = found.get(row["customer_id"], "") + row["record_id"]
    return " ".join(sorted(found.values()))


@pytest.mark.parametrize(
    ("clusters", "kind"),
    [
        ("ab cd e", "created"),
        ("abe cd", "extended"),
        ("a cd", "reduced"),
        ("abcd", "merged"),
        ("a b cd", "split"),
        ("ac bd", "moved"),
        ("cd", "retired"),
    ],
)
def test_every_change_has_its_kind(clusters: str, kind: str) -> None:
    plan = Platform("ab cd").plan(clusters)
    assert only(plan)["kind"] == kind
    assert plan.summary[f"changes_{kind}"] == plan.summary["changes"] == 1


def test_a_merge_says_whom_it_takes_in_and_how_far_it_reaches() -> None:
    platform = Platform("ab c d e")
    ab, c = platform.id_of("a"), platform.id_of("c")
    customers = pa.table(
        {
            "customer_id": [ab, c, platform.id_of("d")],
            "opted_out": [True, False, True],
            "memberships": [3, 4, 9],
            "value": [1.5, None, 9.0],
            "destinations": [["zendesk"], ["meta", "zendesk"], ["x"]],
        }
    )
    touched = pa.table({"record_id": ["c", "c", "d", "gone"], "reason": ["model_changed", "records_changed", "x", "y"]})
    change = only(platform.plan("abcn d e", facts=Facts(customers=customers, touched=touched)))
    assert json.loads(change["before"]) == {ab: ["a", "b"], c: ["c"]}
    assert json.loads(change["after"]) == {ab: ["a", "b", "c", "n"]}
    assert json.loads(change["facts"]) == {
        "opted_out": 1,
        "memberships": 7,
        "value": 1.5,
        "destinations": ["meta", "zendesk"],
    }
    assert sorted(change["former_customer_ids"]) == sorted([ab, c])
    assert change["customer_ids"] == [ab]
    assert change["reasons"] == ["model_changed", "records_added", "records_changed"]
    figures = ("records", "records_added", "records_removed", "records_moved", "customers_merged")
    assert [change[name] for name in figures] == [4, 1, 0, 1, 1]
    assert (change["link_strength"], change["share_of_customers"]) == (0.5 + ord("a") / 1000, 0.5)


def test_where_nothing_in_the_change_explains_it_the_evidence_around_it_does() -> None:
    assert only(Platform("ab").plan("a b"))["reasons"] == ["evidence"]


def test_a_change_that_people_asked_for_says_so() -> None:
    said = [
        new_judgement(*pair, verdict, judged_by="ann", judged_at=START, reason="looked")  # type: ignore[arg-type]
        for *pair, verdict in (("a", "b", "same"), ("c", "d", "different"))
    ]
    plan = Platform("a b cd ef").plan("ab c d e f", judgements=constraints(pa.concat_tables(said)))
    assert sorted(change["reasons"] for change in plan.changes.to_pylist()) == [
        ["evidence"],
        ["judgement"],
        ["judgement"],
    ]


def test_record_ids_of_any_letters_are_told_as_they_are() -> None:
    names = ['crm:contact:"quoted"', "crm:contact:back\\slash", "crm:contact:tab\tand ünïcode"]
    table = pa.table({"record_id": names, "cluster": [1, 1, 1]})
    change = only(make_plan(table, None, None, run_id="r", now=START))
    assert list(json.loads(change["after"]).values()) == [sorted(names)]


def test_a_held_change_keeps_its_customers_its_new_records_are_alone_and_the_removed_are_gone() -> None:
    platform = Platform("ab cde f")
    change = only(platform.plan("abcn d f"))
    platform.decide("hold", change=change)
    plan = platform.plan("abcn d f")
    assert together(plan) == "ab cd f n"
    assert together(plan) != "abcn d f"
    assert only(plan)["held_because"] == ["decision: held by ann, called them"]
    assert only(plan)["change_id"] == change["change_id"]
    assert plan.summary["changes_held"] == 1
    platform.apply(plan)
    assert only(platform.plan("abcn d f"))["change_id"] == change["change_id"]
    platform.decide("release", change=change)
    assert together(platform.plan("abcn d f")) == "abcn d f"


def test_a_record_that_comes_back_takes_no_id_from_those_that_a_hold_keeps() -> None:
    platform = Platform("xw yz")
    kept = platform.id_of("x")
    platform.apply(platform.plan("x yz"))
    merge = next(row for row in platform.plan("xyz w").changes.to_pylist() if row["kind"] == "merged")
    platform.decide("hold", change=merge)
    platform.apply(platform.plan("xyz w"))
    assert platform.id_of("x") == kept != platform.id_of("w")


def test_who_inherits_a_retired_id_does_not_change_when_a_rival_is_held() -> None:
    """bc and a had one id, and come back in two customers; held, b and c alone have no more of it than a."""
    platform = Platform("abc m")
    retired = platform.id_of("a")
    platform.apply(platform.plan("m"))
    free = platform.plan("az bcy m")
    rival = next(row for row in free.changes.to_pylist() if '"b"' in row["after"])
    platform.decide("hold", change=rival)
    platform.apply(platform.plan("az bcy m"))
    proposed = {row["record_id"]: row["customer_id"] for row in free.assignment.customers.to_pylist()}
    assert proposed["b"] == retired
    assert (platform.id_of("a"), platform.id_of("b")) == (proposed["a"], retired)


def test_a_customer_that_is_not_looked_at_keeps_its_id_from_a_record_that_comes_back() -> None:
    platform = Platform("ab z")
    platform.apply(platform.plan("a z"))
    part = platform.plan("b", scope=pa.array(["b"]))
    assert part.assignment.events == platform.plan("a b z").assignment.events
    assert part.assignment.customers["customer_id"].to_pylist() != [platform.id_of("a")]
    assert (part.summary["customers_before"], part.summary["customers_after"]) == (2, 3)


def test_a_customer_that_is_not_looked_at_is_not_retired_though_its_founder_is_looked_at() -> None:
    platform = Platform("abc xyz")
    platform.apply(platform.plan("bc axyz"))
    assert platform.plan("axyzn", scope=pa.array(list("axyzn"))).assignment.events.num_rows == 0


def test_a_hold_outlives_the_growth_of_its_change() -> None:
    platform = Platform("ab cd e")
    platform.decide("hold", change=only(platform.plan("abcd e")))
    grown = platform.plan("abcdn e")
    assert together(grown) == "ab cd e n"
    assert together(platform.plan("ab cdn e")) == "ab cdn e"
    platform.decide("release", change=only(grown))
    assert together(platform.plan("abcdn e")) == "abcdn e"


def test_a_customer_on_hold_is_left_alone_until_its_release() -> None:
    platform = Platform("ab cd ef")
    platform.decide("hold", customer_id=platform.id_of("a"))
    assert together(platform.plan("abcd e f")) == "ab cd e f"
    platform.decide("release", customer_id=platform.id_of("a"))
    assert together(platform.plan("abcd e f")) == "abcd e f"


def test_the_newest_word_about_a_change_counts() -> None:
    platform = Platform("ab cd")
    change = only(platform.plan("abcd"))
    platform.decide("hold", customer_id=platform.id_of("a"))
    platform.decide("release", change=change)
    assert together(platform.plan("abcd")) == "abcd"
    platform.decide("hold", customer_id=platform.id_of("c"))
    assert together(platform.plan("abcd")) == "ab cd"


def test_only_what_regroups_can_be_held() -> None:
    platform = Platform("ab c")
    platform.decide("hold", customer_id=platform.id_of("a"))
    platform.decide("hold", customer_id=platform.id_of("c"))
    plan = platform.plan("a")
    assert (plan.summary["changes"], plan.summary["changes_held"]) == (2, 0)
    assert together(plan) == "a"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"decision": "maybe"}, "none of hold, release"),
        ({"customer_id": None}, "about one change or about one customer"),
        ({"decided_by": ""}, "who decided and why"),
        ({"decided_at": datetime(2026, 1, 1)}, "without a time zone"),  # noqa: DTZ001
    ],
)
def test_a_decision_that_says_too_little_is_refused(wrong: dict[str, Any], words: str) -> None:
    good = {"decision": "hold", "customer_id": "cus_a", "decided_by": "ann", "decided_at": START, "reason": "called"}
    with pytest.raises(ValueError, match=words):
        new_decision(**(good | wrong))  # type: ignore[arg-type]


def test_facts_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(ValueError, match="facts about touched have no column reason"):
        Facts(touched=pa.table({"record_id": ["a"]}))
    with pytest.raises(ValueError, match="facts about records name a record_id more than once"):
        Facts(records=pa.table({"record_id": ["a", "a"]}))


def test_an_unknown_bound_is_refused() -> None:
    with pytest.raises(ValidationError):
        Bounds(largest_cluster=3)  # type: ignore[call-arg]


def test_nothing_at_all_is_a_plan_too() -> None:
    plan = Platform("").plan("")
    assert (len(plan.changes), len(plan.assignment.customers), plan.summary["share_merged"]) == (0, 0, 0.0)
