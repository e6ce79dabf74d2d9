"""Each run says how many records kept their customer: the figure that warns of a model that reshuffles people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pyarrow as pa

from identity.pipeline import Resolution, resolve
from identity.settings import IdentitySettings

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def run(names: dict[str, str], previous: Resolution | None = None) -> Resolution:
    """Records of people with nothing but a name; too little to match anybody."""
    ids = [f"crm:contact:{native}" for native in names]
    records = pa.table(
        {
            "record_id": pa.array(ids, pa.string()),
            "source": pa.array(["crm"] * len(ids), pa.string()),
            "entity": pa.array(["contact"] * len(ids), pa.string()),
            "native_id": pa.array(list(names), pa.string()),
            "full_name": pa.array(list(names.values()), pa.string()),
        }
    )
    return resolve(
        records,
        previous=previous.record_customers if previous else None,
        ledger=previous.ledger_events if previous else None,
        run_id="run",
        now=NOW,
        settings=IdentitySettings(),
    )


def test_the_first_run_has_seen_nobody_before() -> None:
    summary = run({"1": "Ada Lovelace", "2": "Alan Turing"}).summary
    assert (summary["records_seen_before"], summary["id_stability"]) == (0, 1.0)


def test_records_seen_before_and_kept_are_counted() -> None:
    first = run({"1": "Ada Lovelace", "2": "Alan Turing", "3": "Grace Hopper"})
    again = run({"2": "Alan Turing", "3": "Grace Hopper", "4": "Edsger Dijkstra"}, first).summary
    assert (again["records_seen_before"], again["records_that_kept_their_id"], again["id_stability"]) == (2, 2, 1.0)
    assert (again["ids_minted"], again["ids_retired"], again["ids_revived"]) == (1, 1, 0)


def test_a_record_that_left_its_customer_lowers_the_figure() -> None:
    """As if both had been one customer so far: one keeps the id, the other gets one of its own."""
    first = run({"1": "Ada Lovelace", "2": "Alan Turing"})
    kept = first.record_customers["customer_id"][1].as_py()
    together = first.record_customers.set_column(1, "customer_id", pa.array([kept, kept]))
    summary = run({"1": "Ada Lovelace", "2": "Alan Turing"}, replace(first, record_customers=together)).summary
    assert (summary["records_seen_before"], summary["records_that_kept_their_id"]) == (2, 1)
    assert summary["id_stability"] == 0.5
