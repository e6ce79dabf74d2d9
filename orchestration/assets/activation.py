"""What leaves Braid: publish in one transaction, then one asset per destination."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    Failure,
    MaterializeResult,
    asset,
    multi_asset,
)

from activation.database import ActivationError
from activation.destinations.file_drop import FileDropConfig, drop_files
from activation.destinations.file_store import without_password
from activation.destinations.registry import build
from activation.publish import publish
from activation.published_tables import PUBLISHED_TABLES
from activation.sync.declared import DeclaredSync
from activation.sync.engine import SyncHeldBack, SyncReport, run_sync
from orchestration.declared_syncs import configured_syncs
from orchestration.settings import Settings

GROUP = "activation"
_SERVED = [
    AssetKey(["golden", "customers"]),
    AssetKey(["golden", "golden_attributes"]),
    AssetKey(["golden", "contact_points"]),
    AssetKey(["golden", "consents"]),
    AssetKey(["marts", "interactions"]),
    AssetKey(["marts", "customer_metrics"]),
    AssetKey(["segments", "segment_memberships"]),
    AssetKey(["segments", "segment_catalogue"]),
    AssetKey(["segments", "customer_personas"]),
]


def build_activation_assets(settings: Settings) -> list[AssetsDefinition]:
    """Publication, the file drop, and one asset per declared sync whose tool is configured.

    Raises:
        SyncProblems: if a sync is not declared well.
    """
    syncs = [_sync(declared, settings) for declared in configured_syncs(settings)]
    return [_publication(settings), _file_drop(settings), *syncs]


def _publication(settings: Settings) -> AssetsDefinition:
    @multi_asset(
        name="publish",
        specs=[
            AssetSpec(["activation", table.name], deps=_SERVED, group_name=GROUP, kinds={"postgres"})
            for table in PUBLISHED_TABLES
        ],
        required_resource_keys={"warehouse"},
        description="Copies what passed every check to schema activation, changed rows only, in one transaction.",
    )
    def published(context: AssetExecutionContext) -> Iterator[MaterializeResult[Any]]:
        with closing(context.resources.warehouse.open().connect()) as connection:
            report = publish(connection, context.run_id, settings.as_of or datetime.now(UTC))
        for name, changes in report.tables.items():
            yield MaterializeResult(
                asset_key=["activation", name],
                metadata={
                    "inserted": changes.inserted,
                    "updated": changes.updated,
                    "deleted": changes.deleted,
                    "unchanged": changes.unchanged,
                },
            )

    return published


def _file_drop(settings: Settings) -> AssetsDefinition:
    @asset(
        key=["activation", "file_drop"],
        deps=[["activation", table.name] for table in PUBLISHED_TABLES],
        group_name=GROUP,
        kinds={"csv"},
        required_resource_keys={"warehouse"},
        description="One CSV per segment for marketing tools, consent applied; unchanged files are left alone.",
    )
    def file_drop(context: AssetExecutionContext) -> MaterializeResult[Any]:
        with closing(context.resources.warehouse.open().connect()) as connection:
            report = drop_files(connection, FileDropConfig(folder=settings.drop_folder, rules=settings.gate_rules))
        return MaterializeResult(
            metadata={
                "folder": without_password(str(settings.drop_folder)),
                "files": len(report.files),
                "written": len(report.written),
                "unchanged": report.unchanged,
                "rows": {file.segment: file.rows for file in report.files},
                "left_out": {file.segment: dict(file.excluded) for file in report.files},
            }
        )

    return file_drop


def _sync(declared: DeclaredSync, settings: Settings) -> AssetsDefinition:
    block = declared.block

    @asset(
        key=["activation", block.name],
        deps=[["activation", table.name] for table in PUBLISHED_TABLES],
        group_name=GROUP,
        kinds={declared.kind.account or declared.kind.name},
        required_resource_keys={"sync_warehouse"},
        description=f"{block.description} Declared in syncs/{declared.file}; only changes are sent.".lstrip(),
        metadata={"destination": block.destination, "model": block.model, "schedule": block.schedule},
    )
    def sync(context: AssetExecutionContext) -> MaterializeResult[Any]:
        try:
            with (
                closing(context.resources.sync_warehouse.open().connect()) as connection,
                closing(build(block, settings.accounts)) as receiver,
            ):
                report = run_sync(connection, block, receiver, rules=settings.gate_rules)
        except SyncHeldBack as error:
            raise Failure(str(error), metadata=figures(error.report), allow_retries=False) from None
        except ActivationError as error:
            raise Failure(str(error), allow_retries=False) from None
        return MaterializeResult(metadata=figures(report))

    return sync


def figures(report: SyncReport) -> dict[str, Any]:
    """What a sync planned and did, as the metadata of its asset: counts, and nobody's data."""
    plan = report.plan.counts()
    return {
        **{name: plan[name] for name in ("added", "changed", "removed", "withdrawn", "unchanged", "held", "in_doubt")},
        **report.counts(),
        "left_out": plan["left_out"],
        "removed_because": plan["removed_because"],
    }
