"""Run the whole job in this process, and say in words how it ended."""

from __future__ import annotations

from dataclasses import dataclass

from dagster import AssetCheckSeverity, DagsterEventType, DagsterInstance, ExecuteInProcessResult

from orchestration.build import build_defs
from orchestration.dbt_build import WarehouseDbt
from orchestration.dbt_manifest import PROJECT_DIR, artefacts_folder, load_manifest
from orchestration.instance import open_instance
from orchestration.jobs import JOB
from orchestration.resources import WarehouseResource, run_warehouse
from orchestration.settings import Settings


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended."""

    run_id: str
    success: bool
    problems: tuple[str, ...]
    """One line per step or check that failed, in the words of the error."""


def run_job(settings: Settings, *, instance: DagsterInstance | None = None) -> RunOutcome:
    """Run raw to activation once; progress goes to the terminal, history to Dagster's instance.

    Raises:
        ManifestError: if the dbt project does not parse.
        WarehouseError: if the warehouse cannot be reached.
    """
    opener = WarehouseResource(settings)
    folder = artefacts_folder(settings)
    load_manifest(settings, address=opener.open().address)
    log = folder / "run.log"
    log.unlink(missing_ok=True)
    quiet_dbt = WarehouseDbt(opener, PROJECT_DIR, folder, log=log)
    overrides = {"warehouse": run_warehouse(opener), "dbt": quiet_dbt}
    job = build_defs(settings, overrides).resolve_job_def(JOB)
    result = job.execute_in_process(
        instance=instance or open_instance(settings),
        run_config={"loggers": {"progress": {}}},
        raise_on_error=False,
    )
    return RunOutcome(result.run_id, result.success, tuple(_problems(result)))


def _problems(result: ExecuteInProcessResult) -> list[str]:
    of_steps, of_run = [], []
    for event in result.all_events:
        if event.event_type is DagsterEventType.STEP_FAILURE:
            of_steps.append(f"{event.step_key}: {_innermost(event.step_failure_data.error)}")
        elif event.event_type in (DagsterEventType.RESOURCE_INIT_FAILURE, DagsterEventType.PIPELINE_FAILURE):
            error = getattr(event.event_specific_data, "error", None)
            if error is not None:
                of_run.append(_innermost(error))
        elif event.event_type is DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if not check.passed and check.severity is AssetCheckSeverity.ERROR:
                why = f": {check.description}" if check.description else ""
                of_steps.append(f"check {check.check_name} on {check.asset_key.to_user_string()} failed{why}")
    # The run's own error repeats that of its step; it says something new only when no step was reached.
    return of_steps or list(dict.fromkeys(of_run))


def _innermost(error: object) -> str:
    """The message of the error at the bottom of Dagster's wrapping."""
    while getattr(error, "cause", None) is not None:
        error = error.cause  # type: ignore[attr-defined]
    message = str(getattr(error, "message", error)).strip()
    return message.partition(": ")[2] or message
