"""Where identity's results live between runs: read the last ones, publish the next ones in one transaction."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from identity import contract
from identity.pipeline import Resolution
from orchestration.warehouse import Transaction, Warehouse

_TABLES = Path(__file__).with_name("identity_tables.sql")
_JSON = {"evidence"}


@dataclass(frozen=True)
class Replaced:
    """How many rows of one table a publication wrote and removed."""

    written: int
    removed: int


class IdentityStore:
    """The schema `identity`, but for dbt's `identity_records`."""

    def __init__(self, warehouse: Warehouse) -> None:
        """Make sure that the tables exist."""
        self._warehouse = warehouse
        with warehouse.connect() as connection:
            connection.execute(_TABLES.read_bytes())

    def records(self) -> pa.Table:
        """Every source record: `contract.IDENTITY_RECORDS`."""
        columns = ", ".join(contract.IDENTITY_RECORDS.names)
        return self._warehouse.read(f"select {columns} from identity.identity_records order by record_id").cast(
            contract.IDENTITY_RECORDS
        )

    def assignment(self) -> pa.Table:
        """The customer of each record as last published: `contract.RECORD_CUSTOMERS`."""
        return self._warehouse.read("select record_id, customer_id, link_strength from identity.record_customers").cast(
            contract.RECORD_CUSTOMERS
        )

    def ledger(self) -> pa.Table:
        """Every event so far, oldest first: `contract.CUSTOMER_LEDGER`."""
        columns = ", ".join(contract.CUSTOMER_LEDGER.names)
        return self._warehouse.read(f"select {columns} from identity.customer_ledger order by event_number").cast(
            contract.CUSTOMER_LEDGER
        )

    def last_digest(self) -> str | None:
        """The digest of the input that the published results were computed from."""
        found = self._warehouse.read("select input_digest from identity.runs order by published_at desc limit 1")
        return found["input_digest"][0].as_py() if len(found) else None

    def publish(self, resolution: Resolution, *, run_id: str, input_digest: str) -> dict[str, Replaced]:
        """Replace the live results by these, all at once; rows that are the same are not touched."""
        model = json.dumps(resolution.model, sort_keys=True)
        model_id = hashlib.sha256(model.encode()).hexdigest()[:16]
        with self._warehouse.transaction() as transaction:
            replaced = {
                "record_customers": _replace(
                    transaction, "record_customers", resolution.record_customers, ("record_id",)
                ),
                "edges": _replace(transaction, "edges", resolution.edges, ("record_id_a", "record_id_b")),
                "identifiers": _replace(
                    transaction, "identifiers", resolution.identifiers, ("record_id", "kind", "raw_value")
                ),
            }
            transaction.ingest("customer_ledger", resolution.ledger_events, schema="identity")
            transaction.execute(
                "insert into identity.models (model_id, model) values ($1, $2::text::jsonb) on conflict do nothing",
                (model_id, model),
            )
            transaction.execute(
                """
                insert into identity.runs (run_id, input_digest, model_id, summary)
                values ($1, $2, $3, $4::text::jsonb)
                on conflict (run_id) do update
                set input_digest = excluded.input_digest, model_id = excluded.model_id,
                    summary = excluded.summary, published_at = now()
                """,
                (run_id, input_digest, model_id, json.dumps(resolution.summary, default=str)),
            )
        return replaced


def _replace(transaction: Transaction, table: str, rows: pa.Table, key: tuple[str, ...]) -> Replaced:
    """Make `identity.<table>` equal to `rows` with as few writes as possible."""
    incoming = f"incoming_{table}"
    columns = rows.schema.names
    names = ", ".join(columns)
    values = ", ".join(f"{name}::jsonb" if name in _JSON else name for name in columns)
    same_key = " and ".join(f"i.{name} = t.{name}" for name in key)
    changes = [name for name in columns if name not in key]
    transaction.ingest(incoming, rows, mode="create", temporary=True)
    removed = transaction.read(
        f"""
        with gone as (
            delete from identity.{table} as t
            where not exists (select 1 from {incoming} as i where {same_key})
            returning 1
        )
        select count(*) as n from gone
        """
    )
    written = transaction.read(
        f"""
        with new as (
            insert into identity.{table} as t ({names})
            select {values} from {incoming}
            on conflict ({", ".join(key)}) do update
            set {", ".join(f"{name} = excluded.{name}" for name in changes)}
            where ({", ".join(f"t.{name}" for name in changes)})
                is distinct from ({", ".join(f"excluded.{name}" for name in changes)})
            returning 1
        )
        select count(*) as n from new
        """
    )
    transaction.execute(f"drop table {incoming}")
    # Without statistics the planner would join what dbt builds next row by row.
    transaction.execute(f"analyze identity.{table}")
    return Replaced(written=written["n"][0].as_py(), removed=removed["n"][0].as_py())
