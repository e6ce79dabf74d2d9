"""What happens when a run fails: someone is told, in words that hold no personal data."""

import httpx
from dagster import DefaultSensorStatus, RunFailureSensorContext, SensorDefinition, run_failure_sensor

from orchestration.settings import Settings


def build_failure_alert(settings: Settings) -> SensorDefinition:
    """Log each failed run and, when `BRAID_ALERT_URL` is set, post it there as JSON."""

    @run_failure_sensor(
        name="failure_alert",
        default_status=DefaultSensorStatus.RUNNING,
        monitor_all_code_locations=False,
        description="Tells of a failed run: in the log, and at BRAID_ALERT_URL when that is set.",
    )
    def failure_alert(context: RunFailureSensorContext) -> None:
        steps = sorted({event.step_key for event in context.get_step_failure_events() if event.step_key})
        message = {
            "text": f"Braid: run {context.dagster_run.run_id} failed at {', '.join(steps) or 'start-up'}. "
            "What was published before is still served.",
            "run_id": context.dagster_run.run_id,
            "job": context.dagster_run.job_name,
            "failed_steps": steps,
        }
        context.log.error(message["text"])
        if settings.alert_url is not None:
            httpx.post(settings.alert_url.get_secret_value(), json=message, timeout=10).raise_for_status()

    return failure_alert
