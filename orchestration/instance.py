"""Dagster's own home: run history below Braid's, telemetry off."""

from __future__ import annotations

import os
from pathlib import Path

from dagster import DagsterInstance

from orchestration.settings import Settings

_CONFIGURATION = """\
telemetry:
  enabled: false
"""


def dagster_home(settings: Settings) -> Path:
    """The folder to give Dagster as DAGSTER_HOME, with its configuration in it."""
    folder = (settings.home / "dagster").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "dagster.yaml"
    if not configuration.exists():
        configuration.write_text(_CONFIGURATION)
    return folder


def open_instance(settings: Settings) -> DagsterInstance:
    """The instance that the command line and Dagster's UI share."""
    home = str(dagster_home(settings))
    os.environ["DAGSTER_HOME"] = home
    return DagsterInstance.from_config(home)
