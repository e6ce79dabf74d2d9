"""When the job runs by itself."""

from collections.abc import Iterator

from dagster import (
    DefaultScheduleStatus,
    RunRequest,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    SkipReason,
    schedule,
)

from orchestration.jobs import JOB
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
