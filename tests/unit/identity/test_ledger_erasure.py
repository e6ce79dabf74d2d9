"""An erased person: the ids never live again, still answer, and no event names the records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.contract import CUSTOMER_LEDGER
from identity.customer_id import assign
from identity.ledger import ResolvedId, living_ids, resolve_id
from identity.ledger_erasure import Erasure, erase

START = datetime(2026, 1, 1, tzinfo=UTC)


class Life:
    """Runs written as "ab c", and erasures between them."""

    def __init__(self, *runs: str) -> None:
        self.ledger = CUSTOMER_LEDGER.empty_table()
        self.ids: dict[str, str] = {}
        self.days = 0
        for clusters in runs:
            self.run(clusters)

    @property
    def now(self) -> datetime:
        return START + timedelta(days=self.days)

    def run(self, clusters: str) -> None:
        self.days += 1
        rows = [(record, cluster) for cluster in clusters.split() for record in cluster]
        table = pa.table(
            {"record_id": pa.array([r for r, _ in rows], pa.string()), "cluster": pa.array([c for _, c in rows], "str")}
        )
        before = pa.table(
            {"record_id": pa.array(list(self.ids), "str"), "customer_id": pa.array(list(self.ids.values()), "str")}
        )
        result = assign(table, before, self.ledger, run_id=f"run{self.days}", now=self.now)
        self.ledger = pa.concat_tables([self.ledger, result.events])
        self.ids = {row["record_id"]: row["customer_id"] for row in result.customers.to_pylist()}

    def erase(self, customer: str) -> Erasure:
        self.days += 1
        erasure = erase(self.ledger, [customer], run_id=f"run{self.days}", now=self.now)
        rows = self.ledger.to_pylist()
        for redaction in erasure.redactions.to_pylist():
            rows[redaction.pop("position")] |= redaction
        self.ledger = pa.concat_tables([pa.Table.from_pylist(rows, schema=CUSTOMER_LEDGER), erasure.events])
        dead = set(erasure.events["customer_id"].to_pylist())
        self.ids = {record: customer for record, customer in self.ids.items() if customer not in dead}
        return erasure

    def named(self) -> set[str]:
        rows = self.ledger.to_pylist()
        return {r for row in rows for r in [row["founding_record_id"], *(row["record_ids"] or [])] if r is not None}


def test_an_erased_id_answers_that_it_is_erased_and_so_do_those_that_led_to_it() -> None:
    life = Life("ab c z", "abc z")
    lost = next(row["customer_id"] for row in life.ledger.to_pylist() if row["event"] == "merged")
    customer = life.ids["a"]
    erasure = life.erase(customer)
    assert sorted(erasure.events["customer_id"].to_pylist()) == sorted([customer, lost])
    assert resolve_id(life.ledger, customer) == resolve_id(life.ledger, lost) == ResolvedId(None, "erased")
    assert resolve_id(life.ledger, customer, life.now - timedelta(days=1)) == ResolvedId(customer, "living")
    assert living_ids(life.ledger) == {life.ids["z"]}
    assert life.named() == {"z"}


def test_the_records_of_an_erased_person_come_back_to_nobody() -> None:
    life = Life("ab z", "z", "ab z")
    erased = life.ids["a"]
    life.erase(erased)
    life.run("ab z")
    assert life.ids["a"] != erased
    assert resolve_id(life.ledger, erased) == ResolvedId(None, "erased")


def test_other_customers_events_forget_the_persons_records_and_keep_their_own() -> None:
    """a and b came from the customer of c to the person who is erased; d went the other way."""
    life = Life("abcef dxyz", "cdef abxyz")
    person, other = life.ids["a"], life.ids["c"]
    life.erase(person)
    assert life.named() <= {"c", "d", "e", "f"}
    moved = [row["record_ids"] for row in life.ledger.to_pylist() if row["event"] == "moved"]
    assert moved == [None, None]
    assert resolve_id(life.ledger, other).status == "living"


def test_erasing_again_changes_nothing() -> None:
    life = Life("ab c")
    customer = life.ids["a"]
    life.erase(customer)
    again = life.erase(customer)
    assert (len(again.events), len(again.redactions)) == (0, 0)


def test_records_that_only_the_caller_knows_are_forgotten_too() -> None:
    life = Life("abc z", "ab c z")
    erasure = erase(life.ledger, [life.ids["z"]], run_id="r", now=life.now, record_ids=["c"])
    touched = [life.ledger["event"][row["position"]].as_py() for row in erasure.redactions.to_pylist()]
    assert sorted(touched) == ["minted", "minted", "split"]


def test_an_id_that_was_never_issued_cannot_be_erased() -> None:
    with pytest.raises(ValueError, match="1 of the customer ids to erase were never issued"):
        Life("ab").erase("cus_nobody")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2)), min_size=2, max_size=5),
    st.integers(0, 4),
    st.integers(0, 5),
)
def test_an_erased_id_never_lives_again(runs: list[dict[str, int]], when: int, who: int) -> None:
    life = Life()
    erased: set[str] = set()
    for number, run in enumerate(runs):
        life.run(" ".join("".join(r for r in run if run[r] == n) for n in sorted(set(run.values()))))
        issued = sorted(set(life.ledger["customer_id"].to_pylist()))
        if number == when and issued:
            gone = {r for r, customer in life.ids.items() if customer == life.ids.get("abcdef"[who])}
            erasure = life.erase(life.ids.get("abcdef"[who], issued[0]))
            erased |= set(erasure.events["customer_id"].to_pylist())
            assert not gone & life.named()
        assert not erased & living_ids(life.ledger)
        assert living_ids(life.ledger) == set(life.ids.values())
        assert all(resolve_id(life.ledger, customer).status == "erased" for customer in erased)


def test_an_erased_id_stays_dead_even_where_its_rows_were_not_rewritten_yet() -> None:
    life = Life("ab z", "z")
    customer = life.ledger.to_pylist()[-1]["customer_id"]
    events = erase(life.ledger, [customer], run_id="r", now=life.now).events
    life.ledger = pa.concat_tables([life.ledger, events])
    life.run("ab z")
    assert life.ids["a"] != customer
    assert resolve_id(life.ledger, customer) == ResolvedId(None, "erased")
