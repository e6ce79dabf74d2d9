"""A plan in words: the largest first, and nothing in it that a person wrote."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from identity.contract import PLAN_CHANGES
from orchestration.plan_words import SHOWN, downstream, largest, markdown


def changes(*given: dict[str, Any]) -> pa.Table:
    usual: dict[str, Any] = {
        "run_id": "run",
        "kind": "merged",
        "held": False,
        "held_because": [],
        "reasons": ["evidence"],
        "former_customer_ids": ["cus_a", "cus_b"],
        "customer_ids": ["cus_a"],
        "before": "{}",
        "after": "{}",
        "records": 4,
        "records_added": 0,
        "records_removed": 0,
        "records_moved": 2,
        "customers_merged": 1,
        "link_strength": None,
        "share_of_customers": 0.1,
        "facts": "{}",
    }
    return pa.Table.from_pylist([{**usual, **change} for change in given], schema=PLAN_CHANGES)


def test_the_held_and_the_largest_come_first() -> None:
    table = changes(
        {"change_id": "small"},
        {"change_id": "large", "customers_merged": 9},
        {"change_id": "held", "records": 1, "customers_merged": 0, "held": True},
    )
    assert [change["change_id"] for change in largest(table)] == ["held", "large", "small"]


def test_what_a_steward_wrote_stays_out_of_metadata() -> None:
    because = ["decision: held by ada, Mrs Lovelace phoned", "largest_component: 300 records", "decision: held by bob"]
    shown = markdown(changes({"change_id": "c", "held": True, "held_because": because}))
    assert "| c | merged | cus_a, cus_b | cus_a | 4 | evidence | decision, largest_component |" in shown
    assert "Lovelace" not in shown


def test_a_long_plan_is_cut_and_says_so() -> None:
    shown = markdown(changes(*({"change_id": f"c{number}"} for number in range(SHOWN + 5))))
    assert shown.count("| merged |") == SHOWN
    assert "and 5 more" in shown


def test_an_empty_plan_is_said() -> None:
    assert markdown(changes()) == "Nothing changes for the customers there were."


def test_where_customers_are_in_use() -> None:
    facts = {"segments": ["vip", "lapsing", "new", "unhappy"], "destinations": [], "orders": 3}
    (change,) = changes({"change_id": "c", "facts": json.dumps(facts)}).to_pylist()
    assert downstream(change) == "orders: 3; segments: vip, lapsing, new and 1 more"
