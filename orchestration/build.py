"""The asset graph: the same for production and for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagster import Definitions

from orchestration.assets.activation import build_activation_assets
from orchestration.assets.identity import build_identity_assets
from orchestration.assets.raw import build_raw_assets
from orchestration.assets.transform import build_transform_assets
from orchestration.checks.identity import build_identity_checks
from orchestration.dbt_build import WarehouseDbt
from orchestration.dbt_manifest import PROJECT_DIR, artefacts_folder, load_manifest
from orchestration.declared_syncs import configured_syncs
from orchestration.jobs import build_job, build_sync_jobs
from orchestration.progress import progress_logger
from orchestration.resources import WarehouseResource, run_warehouse, sync_warehouse
from orchestration.schedules import build_schedule, build_sync_schedules
from orchestration.sensors import build_failure_alert
from orchestration.settings import Settings


def build_defs(settings: Settings, overrides: Mapping[str, Any] | None = None) -> Definitions:
    """Everything Dagster knows of Braid.

    Args:
        settings: where everything is; a source that is not in it has no assets.
        overrides: resources to use instead of the real ones, by key (`warehouse`, `dbt`).

    Raises:
        ManifestError: if the dbt project does not parse.
        SyncProblems: if a sync is not declared well.
    """
    warehouse = WarehouseResource(settings)
    syncs = configured_syncs(settings)
    resources = {
        "warehouse": run_warehouse(warehouse),
        "sync_warehouse": sync_warehouse(warehouse),
        "dbt": WarehouseDbt(warehouse, PROJECT_DIR, artefacts_folder(settings)),
        **(overrides or {}),
    }
    return Definitions(
        assets=[
            *build_raw_assets(settings),
            *build_transform_assets(settings, load_manifest(settings), PROJECT_DIR),
            *build_identity_assets(settings),
            *build_activation_assets(settings),
        ],
        asset_checks=build_identity_checks(),
        jobs=[build_job(syncs), *build_sync_jobs(syncs)],
        schedules=[build_schedule(warehouse), *build_sync_schedules(syncs)],
        sensors=[build_failure_alert(settings)],
        resources=resources,
        loggers={"progress": progress_logger},
    )
