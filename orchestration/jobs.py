"""The one job: the whole journey, raw to activation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster import AssetSelection, define_asset_job, in_process_executor

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition


JOB = "braid"


def build_job() -> UnresolvedAssetJobDefinition:
    """Everything, in one process: starting a process for each step would cost more than most steps do."""
    return define_asset_job(
        JOB,
        selection=AssetSelection.all(),
        executor_def=in_process_executor,
        description="Raw to activation. A stage that fails, or a check that blocks, stops all that comes after it.",
    )
