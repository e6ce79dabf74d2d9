"""Ids are permanent: whatever happens to the clusters, every id ever issued keeps its meaning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from identity.customer_id import Assignment, assign, mint
from identity.ledger import ResolvedId, resolve_id

START = datetime(2026, 1, 1, tzinfo=UTC)


class History:
    """Runs one after the other, each on the results of the last."""

    def __init__(self) -> None:
        self.customers: pa.Table | None = None
        self.ledger: pa.Table | None = None
        self.runs = 0

    def run(self, clusters: dict[str, int]) -> Assignment:
        table = pa.table({"record_id": list(clusters), "cluster": pa.array(list(clusters.values()), pa.int64())})
        self.runs += 1
        result = assign(
            table, self.customers, self.ledger, run_id=f"run{self.runs}", now=START + timedelta(days=self.runs)
        )
        self.customers = result.customers
        self.ledger = result.events if self.ledger is None else pa.concat_tables([self.ledger, result.events])
        return result

    def id_of(self, record: str) -> str:
        assert self.customers is not None
        rows = self.customers.to_pylist()
        return next(row["customer_id"] for row in rows if row["record_id"] == record)

    def resolve(self, customer_id: str) -> ResolvedId:
        assert self.ledger is not None
        return resolve_id(self.ledger, customer_id)


def events(result: Assignment) -> list[str]:
    return sorted(row["event"] for row in result.events.to_pylist())


def test_the_same_clusters_again_are_no_event() -> None:
    history = History()
    assert events(history.run({"a": 1, "b": 1, "c": 2})) == ["minted", "minted"]
    before = history.customers
    assert events(history.run({"c": 7, "b": 9, "a": 9})) == []
    assert history.customers == before


def test_a_killed_and_repeated_run_mints_the_same_ids() -> None:
    one, other = History(), History()
    one.run({"a": 1, "b": 1, "c": 2})
    other.run({"c": 5, "b": 3, "a": 3})
    assert one.customers == other.customers
    assert one.id_of("a") == mint("a")


def test_a_merge_keeps_the_id_with_most_records_and_redirects_the_other() -> None:
    history = History()
    history.run({"a": 1, "b": 1, "c": 2})
    kept, lost = history.id_of("a"), history.id_of("c")
    assert events(history.run({"a": 1, "b": 1, "c": 1})) == ["merged"]
    assert history.id_of("c") == kept
    assert history.resolve(lost) == ResolvedId(kept, "redirected")


def test_of_two_ids_with_as_many_records_the_older_one_stays() -> None:
    history = History()
    history.run({"z": 1})
    older = history.id_of("z")
    history.run({"z": 1, "a": 2})
    history.run({"z": 1, "a": 1})
    assert history.id_of("a") == older


def test_a_split_leaves_the_id_with_the_larger_part_and_names_the_sibling() -> None:
    history = History()
    history.run({"a": 1, "b": 1, "c": 1})
    heir = history.id_of("a")
    result = history.run({"a": 1, "b": 1, "c": 2})
    assert events(result) == ["minted", "split"]
    assert history.id_of("a") == heir
    split = next(row for row in result.events.to_pylist() if row["event"] == "split")
    assert (split["customer_id"], split["related_customer_id"]) == (history.id_of("c"), heir)


def test_an_id_that_was_ever_issued_is_never_minted_again() -> None:
    history = History()
    history.run({"a": 1, "b": 1, "c": 1, "d": 2, "e": 2})
    first = history.id_of("a")
    assert first == mint("a")
    history.run({"a": 2, "b": 1, "c": 1, "d": 2, "e": 2})
    assert history.id_of("b") == first
    history.run({"a": 3, "b": 1, "c": 1, "d": 2, "e": 2})
    assert history.id_of("a") == mint("a", 1)


def test_a_merge_that_is_undone_gives_a_new_id_for_the_old_one_redirects_for_ever() -> None:
    history = History()
    history.run({"a": 1, "b": 1, "c": 2})
    kept, lost = history.id_of("a"), history.id_of("c")
    history.run({"a": 1, "b": 1, "c": 1})
    assert events(history.run({"a": 1, "b": 1, "c": 2})) == ["minted", "split"]
    assert history.id_of("c") not in {kept, lost}
    assert history.resolve(lost) == ResolvedId(kept, "redirected", (history.id_of("c"),))


def test_redirects_are_followed_to_the_end() -> None:
    history = History()
    history.run({"a": 1, "b": 2, "c": 3, "d": 3, "e": 3})
    first = history.id_of("a")
    history.run({"a": 1, "b": 1, "c": 3, "d": 3, "e": 3})
    history.run({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1})
    assert history.resolve(first) == ResolvedId(history.id_of("c"), "redirected")


def test_a_tie_between_two_halves_is_settled_by_the_records_not_by_the_label() -> None:
    one, other = History(), History()
    for history in (one, other):
        history.run({"a": 1, "b": 1})
    one.run({"a": 1, "b": 2})
    other.run({"b": 1, "a": 2})
    assert one.customers == other.customers


def test_what_moved_is_counted() -> None:
    history = History()
    first = history.run({"a": 1, "b": 1, "c": 2})
    assert (first.seen_before, first.kept, first.stability) == (0, 0, 1.0)
    merged = history.run({"a": 1, "b": 1, "c": 1, "d": 1})
    assert (merged.seen_before, merged.kept, merged.stability) == (3, 2, 2 / 3)


def test_customers_that_the_ledger_does_not_know_are_refused() -> None:
    history = History()
    history.run({"a": 1, "b": 2})
    with pytest.raises(ValueError, match="2 customer ids of the last run do not live according to the ledger"):
        assign(pa.table({"record_id": ["a"], "cluster": [1]}), history.customers, None, run_id="r", now=START)
