"""Where identity's results live between runs: read the last ones, publish the next ones in one transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import pyarrow as pa

from identity import contract
from identity.columns import conform
from identity.pipeline import Resolution
from orchestration.bulk_replace import Replaced, Within, replace_rows
from orchestration.identity_judgements import JudgementLog
from orchestration.identity_plans import PlanStore
from orchestration.warehouse import Transaction, Warehouse

_TABLES = Path(__file__).with_name("identity_tables.sql")

_KEYS: Final = {
    "record_customers": ("record_id",),
    "edges": ("record_id_a", "record_id_b"),
    "identifiers": ("record_id", "kind", "raw_value"),
    "shared_identifiers": ("kind", "value"),
}


@dataclass(frozen=True)
class Publication:
    """The run whose results are live, what they were computed from, and how many were published up to it."""

    run_id: str | None
    input_digest: str | None
    decided_digest: str | None
    model_id: str | None
    count: int


class IdentityStore:
    """The schema `identity`, but for dbt's `identity_records`."""

    def __init__(self, warehouse: Warehouse) -> None:
        """Make sure that the tables exist."""
        self.warehouse = warehouse
        with warehouse.connect() as connection:
            connection.execute(_TABLES.read_bytes())

    @cached_property
    def judgements(self) -> JudgementLog:
        """What people decided about two records."""
        return JudgementLog(self.warehouse)

    @cached_property
    def plans(self) -> PlanStore:
        """Plans, their changes, and what stewards decided about them."""
        return PlanStore(self.warehouse)

    def records(self) -> pa.Table:
        """Every source record: `contract.IDENTITY_RECORDS`; an optional column that dbt has not built yet is null."""
        records = self.warehouse.read("select * from identity.identity_records order by record_id")
        return conform(records, contract.IDENTITY_RECORDS)

    def assignment(self) -> pa.Table:
        """The customer of each record as last published: `contract.RECORD_CUSTOMERS`."""
        return self.warehouse.read("select record_id, customer_id, link_strength from identity.record_customers").cast(
            contract.RECORD_CUSTOMERS
        )

    def ledger(self) -> pa.Table:
        """Every event so far, oldest first: `contract.CUSTOMER_LEDGER`."""
        columns = ", ".join(contract.CUSTOMER_LEDGER.names)
        return self.warehouse.read(f"select {columns} from identity.customer_ledger order by event_number").cast(
            contract.CUSTOMER_LEDGER
        )

    def knows_customer(self, customer_id: str) -> bool:
        """Whether the id was ever issued."""
        found = self.warehouse.read(
            "select exists (select 1 from identity.customer_ledger where customer_id = $1::text) as known",
            (customer_id,),
        )
        return bool(found["known"][0].as_py())

    def last_publication(self) -> Publication:
        """What is live now; before the first run nothing is."""
        found = self.warehouse.read(
            "select run_id, input_digest, decided_digest, model_id, (select count(*) from identity.runs) as count "
            "from identity.runs order by published_at desc limit 1"
        ).to_pylist()
        return Publication(**found[0]) if found else Publication(None, None, None, None, 0)

    def model(self, model_id: str | None) -> str | None:
        """A frozen model, as it was dumped; null if it is not known."""
        found = self.warehouse.read(
            "select model::text as model from identity.models where model_id = $1::text", (model_id,)
        )
        return found["model"][0].as_py() if len(found) else None

    def keep_model(self, resolution: Resolution) -> None:
        """Keep the model of a plan, so that applying the plan uses just that."""
        with self.warehouse.transaction() as transaction:
            transaction.execute(
                "insert into identity.models (model_id, model) values ($1, $2::text::json) on conflict do nothing",
                (resolution.model_id, resolution.model),
            )

    def publish(
        self, resolution: Resolution, *, run_id: str, decided_digest: str, plan_id: str, by: str
    ) -> dict[str, Replaced]:
        """Replace the live results by these and note that the plan was applied, all at once.

        Rows that are the same are not touched; what lies outside of the resolution's scope is not looked at.
        """
        with self.warehouse.transaction() as transaction:
            replaced = {table: _replace(transaction, table, resolution) for table in _KEYS}
            _keep_patterns(transaction, resolution)
            transaction.ingest("customer_ledger", resolution.ledger_events, schema="identity")
            transaction.execute(
                """
                insert into identity.runs (run_id, input_digest, decided_digest, model_id, summary, published_at)
                values ($1, $2, $3, $4, $5::text::jsonb, clock_timestamp())
                on conflict (run_id) do update
                set input_digest = excluded.input_digest, decided_digest = excluded.decided_digest,
                    model_id = excluded.model_id, summary = excluded.summary, published_at = excluded.published_at
                """,
                (
                    run_id,
                    resolution.input_digest,
                    decided_digest,
                    resolution.model_id,
                    json.dumps(resolution.summary, default=str),
                ),
            )
            plan = resolution.plan
            self.plans.applied(transaction, plan_id, plan.changes, plan.summary, by=by)
        return replaced


def _replace(transaction: Transaction, table: str, resolution: Resolution) -> Replaced:
    key, scope, within = _KEYS[table], resolution.scope, None
    if scope is not None and table != "shared_identifiers":  # those are always complete
        within = Within(("record_id",), scope.changed) if table == "identifiers" else Within(key, scope.records)
    return replace_rows(transaction, "identity", table, getattr(resolution, table), key, within=within)


def _keep_patterns(transaction: Transaction, resolution: Resolution) -> None:
    """Patterns are few: those of edges that are gone stay until everything is matched again."""
    if resolution.scope is None:
        transaction.execute("delete from identity.edge_patterns")
    transaction.ingest("incoming_patterns", resolution.edge_patterns, mode="create", temporary=True)
    transaction.execute(
        "insert into identity.edge_patterns (model_id, pattern, evidence) "
        "select model_id, pattern, evidence from incoming_patterns on conflict do nothing"
    )
    transaction.execute("drop table incoming_patterns")
