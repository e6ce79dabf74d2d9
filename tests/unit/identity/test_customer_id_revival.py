"""Customers that vanish and come back: after an outage of a source, the ids are those from before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from identity.contract import CUSTOMER_LEDGER
from identity.customer_id import assign
from identity.ledger import ResolvedId, living_ids, resolve_id

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def live(*runs: str) -> tuple[list[dict[str, str]], pa.Table]:
    """Runs written as "ab c": a and b are one customer, c another. The ids after each run, and the ledger."""
    ids: list[dict[str, str]] = []
    ledger, customers = CUSTOMER_LEDGER.empty_table(), None
    for number, clusters in enumerate(runs):
        rows = [(record, cluster) for cluster in clusters.split() for record in cluster]
        table = pa.table({"record_id": [r for r, _ in rows], "cluster": [c for _, c in rows]}).cast(
            pa.schema([("record_id", pa.string()), ("cluster", pa.string())])
        )
        result = assign(table, customers, ledger, run_id=f"run{number}", now=day(number))
        customers, ledger = result.customers, pa.concat_tables([ledger, result.events])
        ids.append({row["record_id"]: row["customer_id"] for row in customers.to_pylist()})
    return ids, ledger


def told(ledger: pa.Table, run: int) -> list[tuple[str, str]]:
    return [(row["event"], row["customer_id"]) for row in ledger.to_pylist() if row["run_id"] == f"run{run}"]


def test_a_customer_that_comes_back_has_its_id_again() -> None:
    ids, ledger = live("ab c", "c", "ab c", "c", "ab c")
    assert ids[0] == ids[2] == ids[4]
    gone = ids[0]["a"]
    assert [told(ledger, run) for run in (1, 2, 3, 4)] == [[("retired", gone)], [("revived", gone)]] * 2
    assert resolve_id(ledger, gone, day(1)) == ResolvedId(None, "retired")
    assert resolve_id(ledger, gone) == ResolvedId(gone, "living")


def test_retirement_lists_the_records_and_no_other_event_does() -> None:
    _, ledger = live("ba c", "c", "")
    lists = {row["customer_id"]: row["record_ids"] for row in ledger.to_pylist() if row["event"] == "retired"}
    assert sorted(lists.values()) == [["a", "b"], ["c"]]
    assert {row["record_ids"] is None for row in ledger.to_pylist() if row["event"] != "retired"} == {True}


def test_everybody_gone_and_back_is_as_before() -> None:
    ids, ledger = live("ab c def", "", "ab c def")
    assert ids[0] == ids[2]
    assert living_ids(ledger) == set(ids[0].values())


def test_one_record_of_it_is_enough() -> None:
    ids, _ = live("abc z", "z", "c z")
    assert ids[2]["c"] == ids[0]["a"]


def test_the_founder_is_not_the_customer() -> None:
    """`a` founded the id and has moved on: the id comes back with the others."""
    ids, _ = live("abc def", "bc adef", "adef", "bc adef")
    assert ids[3]["b"] == ids[0]["a"] != ids[3]["a"]


def test_the_parts_of_a_customer_that_come_back_apart_are_heir_and_sibling() -> None:
    ids, ledger = live("abc z", "z", "ab c z")
    heir, sibling = ids[2]["a"], ids[2]["c"]
    assert heir == ids[0]["a"] != sibling
    assert told(ledger, 2) == [("minted", sibling), ("revived", heir), ("split", sibling)]
    assert resolve_id(ledger, heir) == ResolvedId(heir, "living", (sibling,))


def test_records_that_come_back_to_a_larger_customer_redirect_the_id_that_they_had() -> None:
    ids, ledger = live("a xyz", "xyz", "axyz")
    assert told(ledger, 2) == [("merged", ids[0]["a"])]
    assert resolve_id(ledger, ids[0]["a"]) == ResolvedId(ids[0]["x"], "redirected")


def test_the_older_id_wins_over_one_made_while_it_was_away() -> None:
    ids, ledger = live("a", "z", "az")
    assert ids[2] == {"a": ids[0]["a"], "z": ids[0]["a"]}
    assert told(ledger, 2) == [("revived", ids[0]["a"]), ("merged", ids[1]["z"])]


def test_a_redirect_holds_though_the_survivor_was_away() -> None:
    ids, ledger = live("ab c z", "abc z", "z", "c ab z")
    lost, survivor, new = ids[0]["c"], ids[0]["a"], ids[3]["c"]
    assert ids[3]["a"] == survivor
    assert new not in {lost, survivor}
    assert resolve_id(ledger, lost, day(2)) == ResolvedId(None, "retired")
    assert resolve_id(ledger, lost) == ResolvedId(survivor, "redirected", (new,))


def test_records_taken_away_behind_the_ledger_leave_the_founder() -> None:
    """Whoever empties `record_customers` loses the memory of who had which record, not the ids."""
    clusters = pa.table({"record_id": ["a", "b", "c"], "cluster": [1, 1, 2]})
    first = assign(clusters, None, None, run_id="run0", now=day(0))
    again = assign(clusters, first.customers.slice(0, 0), first.events, run_id="run1", now=day(1))
    assert again.customers == first.customers
    assert again.events.num_rows == 0


def test_a_founder_who_is_somebody_else_now_is_no_claim() -> None:
    ids, ledger = live("abc def", "bc adef")
    previous = pa.table({"record_id": list("adef"), "customer_id": [ids[1]["a"]] * 4})
    clusters = pa.table({"record_id": list("abcdef"), "cluster": [1, 2, 2, 1, 1, 1]})
    result = assign(clusters, previous, ledger, run_id="run2", now=day(2))
    assert told(result.events, 2)[-1] == ("retired", ids[1]["b"])
    assert result.events["event"].to_pylist() == ["minted", "retired"]


def test_an_id_had_to_be_issued_to_stand_for_anything() -> None:
    ids, ledger = live("a", "a b")
    late = ids[1]["b"]
    assert resolve_id(ledger, late, day(1)).status == "living"
    with pytest.raises(KeyError, match="was never issued by 2026-01-01"):
        resolve_id(ledger, late, day(0))
    with pytest.raises(KeyError, match="cus_nobody was never issued"):
        resolve_id(ledger, "cus_nobody")
    with pytest.raises(ValueError, match="without a time zone"):
        resolve_id(ledger, late, datetime(2026, 1, 2))  # noqa: DTZ001


def test_a_split_id_answers_with_its_siblings_as_they_were_at_the_time() -> None:
    ids, ledger = live("abcdef", "abc def", "abc de f", "abc def")
    heir, second, third = ids[0]["a"], ids[1]["d"], ids[2]["f"]
    assert resolve_id(ledger, heir, day(0)).siblings == ()
    assert resolve_id(ledger, heir, day(1)).siblings == (second,)
    assert resolve_id(ledger, heir, day(2)).siblings == tuple(sorted((second, third)))
    assert resolve_id(ledger, heir).siblings == (second,)


def test_what_split_off_before_a_merge_is_no_sibling_of_the_merged() -> None:
    ids, ledger = live("abc d", "ab c d", "abd c")
    assert resolve_id(ledger, ids[0]["d"]) == ResolvedId(ids[0]["a"], "redirected")
