"""The syncs that are declared beside the dbt project, and those of them whose tool is configured."""

from __future__ import annotations

from pathlib import Path

from dagster import DagsterInvalidDefinitionError, ScheduleDefinition

from activation.sync.declared import DeclaredSync, read_syncs
from orchestration.dbt_manifest import PROJECT_DIR
from orchestration.settings import Settings


def syncs_folder(settings: Settings) -> Path:
    """Where the files are."""
    return settings.syncs or PROJECT_DIR / "syncs"


def declared_syncs(settings: Settings) -> list[DeclaredSync]:
    """Every declared sync.

    Raises:
        SyncProblems: if anything in any of the files is wrong.
    """
    return read_syncs(syncs_folder(settings), is_cron)


def is_configured(declared: DeclaredSync, settings: Settings) -> bool:
    """Whether the account that it needs is configured."""
    return declared.kind.account is None or declared.kind.account in settings.accounts


def configured_syncs(settings: Settings) -> list[DeclaredSync]:
    """The declared syncs whose tool is configured: what is not is left out of the graph.

    Raises:
        SyncProblems: if anything in any of the files is wrong.
    """
    return [declared for declared in declared_syncs(settings) if is_configured(declared, settings)]


def is_cron(line: str) -> bool:
    """Whether Dagster takes it as a cron line."""
    try:
        ScheduleDefinition(name="tried", job_name="tried", cron_schedule=line)
    except DagsterInvalidDefinitionError:
        return False
    return True
