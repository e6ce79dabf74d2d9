"""Records one by one: those that leave a customer which lives on come back to it; those that move are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.contract import CUSTOMER_LEDGER
from identity.customer_id import assign
from identity.ledger import LedgerIndex, ResolvedId, resolve_id

START = datetime(2026, 1, 1, tzinfo=UTC)


def live(*runs: str) -> tuple[list[dict[str, str]], pa.Table]:
    """Runs written as "ab c": a and b are one customer, c another. The ids after each run, and the ledger."""
    ids: list[dict[str, str]] = []
    ledger, customers = CUSTOMER_LEDGER.empty_table(), None
    for number, clusters in enumerate(runs):
        rows = [(record, cluster) for cluster in clusters.split() for record in cluster]
        table = pa.table(
            {"record_id": pa.array([r for r, _ in rows], pa.string()), "cluster": pa.array([c for _, c in rows], "str")}
        )
        result = assign(table, customers, ledger, run_id=f"run{number}", now=START + timedelta(days=number))
        customers, ledger = result.customers, pa.concat_tables([ledger, result.events])
        ids.append({row["record_id"]: row["customer_id"] for row in customers.to_pylist()})
    return ids, ledger


def told(ledger: pa.Table, run: int) -> list[tuple[Any, ...]]:
    rows = [row for row in ledger.to_pylist() if row["run_id"] == f"run{run}"]
    return [(row["event"], row["customer_id"], row["related_customer_id"], row["record_ids"]) for row in rows]


def test_a_rolling_outage_moves_no_id() -> None:
    ids, ledger = live("abc z", "bc z", "c z", "z", "a z", "ab z", "abc z")
    assert ids[6] == ids[0]
    customer = ids[0]["a"]
    # The founder's way is known from the id's own minting, so its leaving is no event.
    assert [told(ledger, run) for run in range(1, 7)] == [
        [],
        [("left", customer, None, ["b"])],
        [("retired", customer, None, ["c"])],
        [("revived", customer, None, None)],
        [],
        [],
    ]


def test_a_record_that_comes_back_alone_after_the_others_have_gone_has_its_id_again() -> None:
    """The others vanish in the very run in which it comes back."""
    ids, ledger = live("ab z", "a z", "b z")
    assert ids[2]["b"] == ids[0]["a"]
    assert [event for event, *_ in told(ledger, 2)] == []


def test_a_record_that_comes_back_alone_while_the_others_stay_is_their_sibling() -> None:
    ids, ledger = live("abc z", "ab z", "ab c z")
    customer, new = ids[0]["a"], ids[2]["c"]
    assert ids[2]["a"] == customer != new
    assert told(ledger, 2)[-1] == ("split", new, customer, ["c"])
    assert resolve_id(ledger, customer) == ResolvedId(customer, "living", (new,))


def test_the_records_that_stayed_keep_the_id_though_more_come_back_apart() -> None:
    ids, _ = live("abc z", "c z", "ab c z")
    assert ids[2]["c"] == ids[0]["c"] != ids[2]["a"]


def test_a_record_that_comes_back_to_somebody_else_is_told_to_have_moved() -> None:
    ids, ledger = live("abc z", "ab z", "ab cz")
    customer, other = ids[0]["a"], ids[0]["z"]
    assert ids[2] == {"a": customer, "b": customer, "c": other, "z": other}
    assert told(ledger, 2) == [("moved", customer, other, ["c"])]
    assert resolve_id(ledger, customer) == ResolvedId(customer, "living", (other,))


def test_an_id_whose_records_are_merged_away_is_not_kept_by_one_that_comes_back() -> None:
    """Else whether x is merged would depend on w, in another cluster; and x would have moved without a redirect."""
    ids, ledger = live("xw yz", "x yz", "xyz w")
    old, survivor, new = ids[0]["x"], ids[0]["y"], ids[2]["w"]
    assert new not in {old, survivor}
    assert told(ledger, 2)[1:] == [("split", new, old, ["w"]), ("merged", old, survivor, ["x"])]
    assert resolve_id(ledger, old) == ResolvedId(survivor, "redirected", (new,))


def test_a_record_that_leaves_again_is_no_event_when_the_ledger_knows() -> None:
    _, ledger = live("ab", "a", "ab", "a", "ab")
    assert [event for event, *_ in told(ledger, 1)] == ["left"]
    assert [told(ledger, run) for run in (2, 3, 4)] == [[], [], []]


def test_a_record_that_left_before_a_merge_is_claimed_by_the_survivor() -> None:
    ids, ledger = live("ab xyz", "a xyz", "axyz", "b", "b axyz")
    survivor = ids[0]["x"]
    assert ids[2]["a"] == survivor
    assert ids[3]["b"] == survivor
    assert ids[4]["b"] == survivor
    assert resolve_id(ledger, ids[0]["a"]) == ResolvedId(survivor, "redirected", (ids[4]["a"],))


def test_a_move_between_living_customers_names_its_records() -> None:
    ids, ledger = live("abc xyz", "ab cxyz")
    came, went = ids[0]["a"], ids[0]["x"]
    assert told(ledger, 1) == [("moved", came, went, ["c"])]
    assert resolve_id(ledger, came) == ResolvedId(came, "living", (went,))
    assert resolve_id(ledger, came, START) == ResolvedId(came, "living")
    assert resolve_id(ledger, went) == ResolvedId(went, "living")


def test_merges_and_splits_name_the_records_that_went() -> None:
    ids, ledger = live("ab xyz", "abxyz", "ab xyz")
    old, survivor = ids[0]["a"], ids[0]["x"]
    assert told(ledger, 1) == [("merged", old, survivor, ["a", "b"])]
    assert told(ledger, 2)[-1] == ("split", ids[2]["a"], survivor, ["a", "b"])


def test_what_a_customer_lost_before_others_were_merged_into_it_is_none_of_theirs() -> None:
    """c moves from the survivor in the same run in which a is merged into it."""
    ids, ledger = live("a bcd z", "abd cz")
    assert resolve_id(ledger, ids[0]["a"]).siblings == ()
    assert resolve_id(ledger, ids[0]["b"]).siblings == (ids[1]["z"],)


histories = st.lists(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 3)), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None)
@given(histories)
def test_every_id_answers_for_every_record_that_it_ever_had(runs: list[dict[str, int]]) -> None:
    """Records vanish, come back, move, customers merge and split: the record is where its old ids say it may be."""
    written = [" ".join("".join(r for r in run if run[r] == n) for n in sorted(set(run.values()))) for run in runs]
    ids, ledger = live(*written)
    index = LedgerIndex(ledger)
    for then in ids:
        for record, customer in then.items():
            found = resolve_id(index, customer)
            assert found == resolve_id(ledger, customer)
            now = ids[-1].get(record)
            assert now is None or now in {found.customer_id, *found.siblings}
