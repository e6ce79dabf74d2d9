"""Plans of identity and what stewards decided about them: `identity.plans`, `plan_changes`, `change_decisions`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from identity import contract
from orchestration.warehouse import Transaction, Warehouse

PlanState = Literal["proposed", "applied", "superseded", "empty"]

_COLUMNS = "plan_id, run_id, made_at, state, input_digest, base_run_id, model_id, summary::text as summary, applied_at"


@dataclass(frozen=True)
class PlanHead:
    """One row of `identity.plans`: what a plan was made from, and what became of it."""

    plan_id: str
    run_id: str
    made_at: datetime
    state: PlanState
    input_digest: str
    base_run_id: str | None
    model_id: str
    summary: Mapping[str, Any]
    applied_at: datetime | None = None


class PlanStore:
    """Read and write plans; whoever opened the `IdentityStore` knows that the tables are there."""

    def __init__(self, warehouse: Warehouse) -> None:
        """Keep the plans in this warehouse."""
        self._warehouse = warehouse

    def latest(self) -> PlanHead | None:
        """The plan that was made last and is not superseded; null before the first run."""
        return self._one("where state <> 'superseded' order by made_at desc limit 1")

    def last_applied(self) -> PlanHead | None:
        """The plan that made what is live now; null before the first run."""
        return self._one("where applied_at is not null order by applied_at desc limit 1")

    def find(self, plan_id: str) -> PlanHead | None:
        """The plan of that id."""
        return self._one("where plan_id = $1::text", plan_id)

    def changes(self, plan_id: str) -> pa.Table:
        """The changes of a plan that are kept (`identity.plan_changes`): `contract.PLAN_CHANGES`, the largest first."""
        columns = ", ".join(contract.PLAN_CHANGES.names)
        return self._warehouse.read(
            f"select {columns} from identity.plan_changes where plan_id = $1::text "
            "order by held desc, customers_merged desc, records_moved desc, records desc, change_id",
            (plan_id,),
        ).cast(contract.PLAN_CHANGES)

    def held_records(self, plan_id: str) -> pa.Array:
        """The records of the changes that a plan holds back."""
        found = self._warehouse.read(
            """
            select distinct r.record_id
            from identity.plan_changes as c
            cross join lateral (
                select value from json_each(c.before::json)
                union all
                select value from json_each(c.after::json)
            ) as e
            cross join lateral json_array_elements_text(e.value) as r (record_id)
            where c.plan_id = $1::text and c.held
            order by r.record_id
            """,
            (plan_id,),
        )
        return found["record_id"].combine_chunks().cast(pa.string())

    def change(self, change_id: str) -> pa.Table:
        """A change as the newest plan has it that holds it, at most one row: `contract.PLAN_CHANGES`."""
        columns = ", ".join(f"c.{name}" for name in contract.PLAN_CHANGES.names)
        return self._warehouse.read(
            f"select {columns} from identity.plan_changes as c inner join identity.plans as p using (plan_id) "
            "where c.change_id = $1::text order by p.made_at desc limit 1",
            (change_id,),
        ).cast(contract.PLAN_CHANGES)

    def is_live(self, change_id: str) -> bool:
        """Whether the change was applied, and not held, the last time that it was planned."""
        found = self._warehouse.read(
            "select p.applied_at is not null and not c.held as live "
            "from identity.plan_changes as c inner join identity.plans as p using (plan_id) "
            "where c.change_id = $1::text order by p.made_at desc limit 1",
            (change_id,),
        )
        return bool(len(found) and found["live"][0].as_py())

    def propose(self, plan: PlanHead, changes: pa.Table) -> None:
        """Write a plan that may be applied; one that waited before is superseded, and its changes are forgotten."""
        with self._warehouse.transaction() as transaction:
            _supersede_waiting(transaction)
            transaction.execute(
                """
                insert into identity.plans
                (plan_id, run_id, made_at, state, input_digest, base_run_id, model_id, summary)
                values ($1, $2, $3::text::timestamptz, $4, $5, $6, $7, $8::text::jsonb)
                on conflict (plan_id) do update
                set run_id = excluded.run_id, made_at = excluded.made_at, state = excluded.state,
                    input_digest = excluded.input_digest, base_run_id = excluded.base_run_id,
                    model_id = excluded.model_id, summary = excluded.summary
                """,
                (
                    plan.plan_id,
                    plan.run_id,
                    plan.made_at.isoformat(),
                    plan.state,
                    plan.input_digest,
                    plan.base_run_id,
                    plan.model_id,
                    json.dumps(dict(plan.summary)),
                ),
            )
            _write_changes(transaction, plan.plan_id, changes)

    def forget_waiting(self) -> None:
        """Supersede the plan that waits: what is live already is what would come of the input."""
        with self._warehouse.transaction() as transaction:
            _supersede_waiting(transaction)

    def applied(
        self, transaction: Transaction, plan_id: str, changes: pa.Table, summary: Mapping[str, Any], *, by: str
    ) -> None:
        """Note in the transaction that publishes a plan what was applied of it, and on whose word."""
        transaction.execute("delete from identity.plan_changes where plan_id = $1::text", (plan_id,))
        _write_changes(transaction, plan_id, changes)
        transaction.execute(
            """
            update identity.plans
            set state = case when state = 'empty' then 'empty' else 'applied' end,
                summary = $3::text::jsonb, applied_at = clock_timestamp(), applied_by = $2
            where plan_id = $1::text
            """,
            (plan_id, by, json.dumps(dict(summary))),
        )

    def decisions(self) -> pa.Table:
        """What stewards decided, the oldest first: `contract.CHANGE_DECISIONS`."""
        columns = ", ".join(contract.CHANGE_DECISIONS.names)
        return self._warehouse.read(
            f"select {columns} from identity.change_decisions order by decided_at, decision_id"
        ).cast(contract.CHANGE_DECISIONS)

    def decide(self, decision: pa.Table) -> None:
        """Add rows per `contract.CHANGE_DECISIONS`."""
        with self._warehouse.transaction() as transaction:
            transaction.ingest("change_decisions", decision, schema="identity")

    def _one(self, which: str, *parameters: object) -> PlanHead | None:
        rows = self._warehouse.read(f"select {_COLUMNS} from identity.plans {which}", parameters).to_pylist()
        return PlanHead(**{**rows[0], "summary": json.loads(rows[0]["summary"])}) if rows else None


def _supersede_waiting(transaction: Transaction) -> None:
    transaction.execute(
        "delete from identity.plan_changes where plan_id in "
        "(select plan_id from identity.plans where state = 'proposed')"
    )
    transaction.execute("update identity.plans set state = 'superseded' where state = 'proposed'")


def notable(changes: pa.Table) -> pa.Table:
    """All changes but new customers that nothing holds: a first run would be as many rows as customers."""
    return changes.filter(pc.or_(pc.not_equal(changes["kind"], "created"), changes["held"]))


def _write_changes(transaction: Transaction, plan_id: str, changes: pa.Table) -> None:
    kept = notable(changes)
    rows = kept.append_column("plan_id", pa.repeat(plan_id, len(kept)).cast(pa.string()))
    transaction.ingest("plan_changes", rows, schema="identity")
