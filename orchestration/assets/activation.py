"""What leaves Braid: publish in one transaction, then one asset per destination."""

from collections.abc import Iterator, Mapping
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
from activation.destinations.zendesk import ZendeskConfig, ZendeskUsers
from activation.publish import publish
from activation.published_tables import PUBLISHED_TABLES
from activation.sync.destination import DestinationError
from activation.sync.run import run_sync
from orchestration.settings import Settings, ZendeskSettings

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
    """Publication and every configured destination."""
    destinations = [_file_drop(settings)]
    if settings.zendesk is not None:
        destinations.append(_zendesk(settings.zendesk))
    return [_publication(settings), *destinations]


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
            report = drop_files(connection, FileDropConfig(folder=settings.drop_folder))
        return MaterializeResult(
            metadata={
                "folder": str(settings.drop_folder),
                "files": len(report.files),
                "written": len(report.written),
                "unchanged": report.unchanged,
                "rows": {file.segment: file.rows for file in report.files},
                "left_out": {file.segment: dict(file.excluded) for file in report.files},
            }
        )

    return file_drop


def _zendesk(account: ZendeskSettings) -> AssetsDefinition:
    @asset(
        key=["activation", "zendesk_users"],
        deps=[["activation", table.name] for table in PUBLISHED_TABLES],
        group_name=GROUP,
        kinds={"zendesk"},
        required_resource_keys={"warehouse"},
        description="Customer id, persona, lifetime value, VIP flag and segments on each Zendesk user; changes only.",
    )
    def zendesk_users(context: AssetExecutionContext) -> MaterializeResult[Any]:
        config = ZendeskConfig(url=account.url, email=account.email, api_token=account.api_token)
        with (
            closing(context.resources.warehouse.open().connect()) as connection,
            closing(ZendeskUsers(config)) as users,
        ):
            try:
                report = run_sync(connection, users)
            except (DestinationError, ActivationError) as error:
                raise Failure(str(error), allow_retries=False) from None
        return MaterializeResult(
            metadata=_counts(vars(report.plan))
            | _counts(
                {
                    "sent": report.sent,
                    "acknowledged": report.acknowledged,
                    "rejected": report.rejected,
                    "unknown": report.unknown,
                }
            )
        )

    return zendesk_users


def _counts(figures: Mapping[str, object]) -> dict[str, int]:
    return {name: value for name, value in figures.items() if isinstance(value, int)}
