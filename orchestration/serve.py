"""Dagster's UI and the profile API side by side, until someone presses Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from rich.console import Console

from activation.api.server import prepare, serve_api
from orchestration.instance import dagster_home
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse

_WORKSPACE = Path(__file__).resolve().parent.parent / "workspace.yaml"
_PATIENCE: Final = 20
"""Seconds that Dagster has to end by itself."""


def serve_all(settings: Settings, console: Console, *, ui_port: int, api_port: int, workers: int = 1) -> None:
    """Run both, the API in `workers` processes; stop the UI when the API stops.

    Raises:
        ActivationError: if schema activation is not this Braid's and cannot be brought to it.
        WarehouseError: if the warehouse cannot be reached.
    """
    warehouse = Warehouse.open(settings)
    with closing(warehouse.connect()) as connection:
        warning = prepare(connection)
    if warning:
        console.print(f"[yellow]warning:[/] {warning}.")
    command = [sys.executable, "-m", "dagster", "dev", "-w", str(_WORKSPACE), "-h", "127.0.0.1", "-p", str(ui_port)]
    environment = {**os.environ, "DAGSTER_HOME": str(dagster_home(settings))}
    # A service manager ends with SIGTERM. uvicorn sends it on to the process when the API is down, and the default is
    # to die at once, with the UI left behind.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    ui = subprocess.Popen(command, cwd=_WORKSPACE.parent, env=environment, start_new_session=True)  # noqa: S603
    try:
        console.print(f"Dagster  http://127.0.0.1:{ui_port}")
        console.print(f"API      http://127.0.0.1:{api_port}/docs   (a key: braid api-key create)")
        serve_api(
            warehouse.address.conninfo,
            host="127.0.0.1",
            port=api_port,
            default_region=settings.default_region,
            workers=workers,
        )
    finally:
        _end(ui)


def _end(ui: subprocess.Popen[bytes]) -> None:
    """End Dagster's UI, and whatever of its web server, daemon and code servers it leaves or does not get to end."""
    ui.terminate()
    with suppress(subprocess.TimeoutExpired):
        ui.wait(_PATIENCE)
    with suppress(ProcessLookupError):
        os.killpg(ui.pid, signal.SIGKILL)
    ui.wait()
