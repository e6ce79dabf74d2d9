"""When the job runs by itself."""

from collections.abc import Iterator

from dagster import (
    DagsterRunStatus,
    DefaultScheduleStatus,
    RunRequest,
    RunsFilter,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    SkipReason,
    schedule,
)

from orchestration.jobs import JOB

_ACTIVE = [
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]


def build_schedule() -> ScheduleDefinition:
    """Hourly; off until someone turns it on; skips an hour when the run before has not ended."""

    @schedule(
        name="hourly",
        job_name=JOB,
        cron_schedule="0 * * * *",
        default_status=DefaultScheduleStatus.STOPPED,
        description="The whole journey, every hour, one run at a time.",
    )
    def hourly(context: ScheduleEvaluationContext) -> Iterator[RunRequest | SkipReason]:
        running = context.instance.get_runs(RunsFilter(job_name=JOB, statuses=_ACTIVE), limit=1)
        if running:
            yield SkipReason(f"Run {running[0].run_id} has not ended yet.")
        else:
            yield RunRequest(run_key=context.scheduled_execution_time.isoformat())

    return hourly
