"""Dagster's own home: run history below Braid's, telemetry off."""

from __future__ import annotations

from pathlib import Path

from dagster import DagsterInstance

from orchestration.settings import Settings

_CONFIGURATION = """\
telemetry:
  enabled: false
"""


def dagster_home(settings: Settings) -> Path:
    """The folder that is Dagster's DAGSTER_HOME: the one it was given, as it is, or one below Braid's home."""
    if settings.dagster_home is not None:
        return settings.dagster_home
    folder = settings.home / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "dagster.yaml"
    if not configuration.exists():
        configuration.write_text(_CONFIGURATION)
    return folder


def open_instance(settings: Settings) -> DagsterInstance:
    """The instance that the command line and Dagster's UI share."""
    return DagsterInstance.from_config(str(dagster_home(settings)))
