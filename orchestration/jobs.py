"""The jobs: the whole journey, raw to activation, and one for each sync that has a time of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dagster import AssetSelection, define_asset_job, in_process_executor

from activation.sync.block import AFTER_PUBLICATION
from activation.sync.declared import DeclaredSync

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition


JOB = "braid"


def build_job(syncs: Sequence[DeclaredSync] = ()) -> UnresolvedAssetJobDefinition:
    """Everything, in one process: starting a process for each step would cost more than most steps do.

    Syncs that have a time of their own, or run only when somebody runs them, are left out.
    """
    elsewhere = [
        ["activation", declared.block.name] for declared in syncs if declared.block.schedule != AFTER_PUBLICATION
    ]
    return define_asset_job(
        JOB,
        selection=AssetSelection.all() - AssetSelection.assets(*elsewhere),
        executor_def=in_process_executor,
        description="Raw to activation. A stage that fails, or a check that blocks, stops all that comes after it.",
    )


def sync_job_name(declared: DeclaredSync) -> str:
    """The job of a sync that has a time of its own."""
    return f"sync_{declared.block.name}"


def build_sync_jobs(syncs: Sequence[DeclaredSync]) -> list[UnresolvedAssetJobDefinition]:
    """One job for each sync that is not part of the whole journey."""
    return [
        define_asset_job(
            sync_job_name(declared),
            selection=AssetSelection.assets(["activation", declared.block.name]),
            executor_def=in_process_executor,
            description=f"The sync {declared.block.name} alone, of what was published last.",
        )
        for declared in syncs
        if declared.block.schedule != AFTER_PUBLICATION
    ]
