"""Identity between the two dbt halves: read the records, resolve them, publish the result in one transaction."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from dagster import AssetExecutionContext, AssetKey, AssetsDefinition, AssetSpec, MaterializeResult, multi_asset

from identity.pipeline import input_digest, resolve
from identity.settings import IdentitySettings
from orchestration.identity_store import IdentityStore, Replaced
from orchestration.settings import Settings

RECORDS = AssetKey(["identity", "identity_records"])
TABLES = {
    "record_customers": "One row per source record: the customer that it belongs to.",
    "edges": "One row per scored pair worth keeping, with its match weight and the evidence.",
    "identifiers": "One row per e-mail, phone or handle of a record, the rejected ones with their reason.",
    "customer_ledger": "Append-only: one row per event in the life of a customer id.",
}


def build_identity_assets(settings: Settings) -> list[AssetsDefinition]:
    """The four tables of identity, made by one step."""

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
        records = store.records()
        how = IdentitySettings(default_region=settings.default_region)
        digest = input_digest(records, how)
        if digest == store.last_digest():
            context.log.info("The records are those of the last run: nothing to resolve.")
            yield from _results({}, {"unchanged": True, "records": len(records)})
            return
        now = settings.as_of or datetime.now(UTC)
        resolution = resolve(
            records, previous=store.assignment(), ledger=store.ledger(), run_id=context.run_id, now=now, settings=how
        )
        replaced = store.publish(resolution, run_id=context.run_id, input_digest=digest)
        yield from _results(replaced, {"unchanged": False, **resolution.summary})

    return [identity]


def _results(replaced: dict[str, Replaced], summary: dict[str, Any]) -> Iterator[MaterializeResult[Any]]:
    for table in TABLES:
        counts = replaced.get(table)
        written = {} if counts is None else {"rows_written": counts.written, "rows_removed": counts.removed}
        # The figures of the run as a whole stand on the table that everything else is built from.
        yield MaterializeResult(
            asset_key=["identity", table], metadata=written | (summary if table == "record_customers" else {})
        )
