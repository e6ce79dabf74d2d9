"""The ledger in Postgres is the ledger of the library: what is written comes back, and the check reads it alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from identity.customer_id import assign
from orchestration.checks import identity as checks
from orchestration.identity_store import IdentityStore
from orchestration.warehouse import Warehouse

START = datetime(2026, 1, 1, tzinfo=UTC)


def live(warehouse: Warehouse, store: IdentityStore, day: int, clusters: dict[str, int]) -> pa.Table:
    """One run: ids assigned and written as a publication would."""
    table = pa.table({"record_id": pa.array(list(clusters), pa.string()), "cluster": list(clusters.values())})
    result = assign(
        table, store.assignment(), store.ledger(), run_id=f"run{day}", now=START + timedelta(days=day, minutes=day)
    )
    rows = result.customers.append_column("link_strength", pa.array([1.0] * len(clusters)))
    with warehouse.transaction() as transaction:
        transaction.execute("truncate identity.record_customers")
        transaction.ingest("record_customers", rows, schema="identity")
        transaction.ingest("customer_ledger", result.events, schema="identity")
    return result.events


def dead_ids_in_use(warehouse: Warehouse) -> int:
    _, query = checks._CHECKS["every_customer_id_is_live"]
    count: int = warehouse.read(query)["n"][0].as_py()
    return count


def test_a_customer_is_retired_and_revived_through_the_warehouse(warehouse: Warehouse) -> None:
    store = IdentityStore(warehouse)
    written = []
    for day, clusters in enumerate(({"a": 1, "b": 1, "c": 2}, {"c": 2}, {"a": 1, "b": 1, "c": 2})):
        written.append(live(warehouse, store, day, clusters))
        assert dead_ids_in_use(warehouse) == 0
    assert [events["event"].to_pylist() for events in written] == [["minted", "minted"], ["retired"], ["revived"]]
    assert written[1]["record_ids"].to_pylist() == [["a", "b"]]
    assert store.ledger() == pa.concat_tables(written)
    warehouse_ledger_loses_the_revival = "delete from identity.customer_ledger where event = 'revived'"
    with warehouse.connect() as connection:
        connection.execute(warehouse_ledger_loses_the_revival)
    assert dead_ids_in_use(warehouse) == 1


def test_a_ledger_from_before_ids_could_be_revived_is_read(warehouse: Warehouse) -> None:
    IdentityStore(warehouse)
    with warehouse.connect() as connection:
        connection.execute("alter table identity.customer_ledger drop column record_ids")
    store = IdentityStore(warehouse)
    live(warehouse, store, 0, {"a": 1})
    with warehouse.connect() as connection:
        connection.execute(
            "insert into identity.customer_ledger (run_id, event, customer_id, occurred_at)"
            " select 'run1', 'retired', customer_id, now() from identity.record_customers"
        )
        connection.execute("truncate identity.record_customers")
    assert live(warehouse, store, 2, {"a": 1, "b": 1})["event"].to_pylist() == ["revived"]
