"""When the job runs by itself."""

from collections.abc import Iterator, Sequence

from dagster import (
    DefaultScheduleStatus,
    RunRequest,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    SkipReason,
    schedule,
)

from activation.sync.declared import DeclaredSync
from orchestration.jobs import JOB, sync_job_name
from orchestration.resources import WarehouseResource


def build_schedule(warehouse: WarehouseResource) -> ScheduleDefinition:
    """Hourly; off until someone turns it on; skips an hour when a run is at work on the warehouse."""

    @schedule(
        name="hourly",
        job_name=JOB,
        cron_schedule="0 * * * *",
        default_status=DefaultScheduleStatus.STOPPED,
        description="The whole journey, every hour, one run at a time.",
    )
    def hourly(context: ScheduleEvaluationContext) -> Iterator[RunRequest | SkipReason]:
        # Asked of Postgres, not of Dagster: there, a run that was killed seems to run for ever.
        if warehouse.is_busy():
            yield SkipReason("A run is at work on this warehouse.")
        else:
            yield RunRequest(run_key=context.scheduled_execution_time.isoformat())

    return hourly


def build_sync_schedules(syncs: Sequence[DeclaredSync]) -> list[ScheduleDefinition]:
    """One schedule for each sync that declares a cron line; on from the start, for a file asks for it."""
    return [
        ScheduleDefinition(
            name=sync_job_name(declared),
            job_name=sync_job_name(declared),
            cron_schedule=declared.block.cron,
            default_status=DefaultScheduleStatus.RUNNING,
            description=f"The sync {declared.block.name}, as syncs/{declared.file} says.",
        )
        for declared in syncs
        if declared.block.cron is not None
    ]
