"""Identity between the two dbt halves: read the records, plan what changes, publish at once what is not held."""

from collections.abc import Iterator
from typing import Any

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    MaterializeResult,
    MetadataValue,
    multi_asset,
)

from orchestration.bulk_replace import Replaced
from orchestration.identity_plans import notable
from orchestration.identity_run import Proposal, propose, publish, read_inputs, waiting_plan
from orchestration.identity_store import IdentityStore
from orchestration.plan_words import markdown
from orchestration.settings import Settings

RECORDS = AssetKey(["identity", "identity_records"])
TABLES = {
    "record_customers": "One row per source record: the customer that it belongs to.",
    "edges": "One row per scored pair worth keeping, with its match weight and the evidence.",
    "identifiers": "One row per e-mail, phone or handle of a record, the rejected ones with their reason.",
    "shared_identifiers": "One row per e-mail or phone number that is not one person's, and how its records behave.",
    "customer_ledger": "Append-only: one row per event in the life of a customer id.",
}


def build_identity_assets(settings: Settings) -> list[AssetsDefinition]:
    """The five tables of identity, made by one step."""

    @multi_asset(
        name="identity",
        specs=[
            AssetSpec(["identity", table], deps=[RECORDS], group_name="identity", description=text, kinds={"splink"})
            for table, text in TABLES.items()
        ],
        required_resource_keys={"warehouse"},
    )
    def identity(context: AssetExecutionContext) -> Iterator[MaterializeResult[Any]]:
        store = IdentityStore(context.resources.warehouse.open())
        inputs = read_inputs(store, settings)
        if inputs.is_published:
            store.plans.forget_waiting()
            context.log.info("The records are those of the last run: nothing to resolve.")
            yield from _results({}, {"unchanged": True, "records": len(inputs.records)})
            return
        waiting = waiting_plan(store, inputs, settings) if settings.identity_apply == "manual" else None
        if waiting is not None:
            context.log.info(f"{waiting.plan_id} of just these records waits for `braid identity apply`.")
            yield from _results({}, {"unchanged": True, "plan_id": waiting.plan_id, "applied": False})
            return
        proposal = propose(store, inputs, run_id=context.run.run_id, progress=context.log.info)
        applied = settings.identity_apply == "auto" or proposal.head.state == "empty"
        if not applied:
            context.log.warning(f"{proposal.head.plan_id} waits for `braid identity apply`; nothing is published.")
        replaced = publish(store, proposal, by="bounds") if applied else {}
        yield from _results(replaced, _figures(proposal, applied))

    return [identity]


def _figures(proposal: Proposal, applied: bool) -> dict[str, Any]:
    return {
        "unchanged": False,
        **proposal.resolution.summary,
        **proposal.plan.summary,
        "plan_id": proposal.head.plan_id,
        "applied": applied,
        "model_id": proposal.head.model_id,
        "largest_changes": MetadataValue.md(markdown(notable(proposal.plan.changes))),
    }


def _results(replaced: dict[str, Replaced], summary: dict[str, Any]) -> Iterator[MaterializeResult[Any]]:
    for table in TABLES:
        counts = replaced.get(table)
        written = {} if counts is None else {"rows_written": counts.written, "rows_removed": counts.removed}
        # The figures of the run as a whole stand on the table that everything else is built from.
        yield MaterializeResult(
            asset_key=["identity", table], metadata=written | (summary if table == "record_customers" else {})
        )
