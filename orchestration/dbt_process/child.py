"""dbt as a child that never outlives the run that started it.

A run that is killed cannot stop its dbt; left alone, that dbt would go on building tables beside the next run's.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
import traceback
from importlib.metadata import version

_SECONDS_BETWEEN_LOOKS = 0.2


def main() -> None:
    """Run dbt's command line, watching the parent."""
    if sys.argv[1:] == ["--version"]:
        # Dagster asks at every run; importing all of dbt to answer would take seconds.
        print(f"Core:\n  - installed: {version('dbt-core')}")  # noqa: T201
        return
    threading.Thread(target=_leave_with, args=(os.getppid(),), daemon=True).start()
    # What dbt makes of the project is some hundred megabytes, nearly all of it in use until the end: to go through it
    # again and again for what is not costs a third of dbt's own time, to take it apart at the end another second.
    gc.disable()
    from dbt.cli.main import cli

    from orchestration.dbt_process.artefacts import write_at_once
    from orchestration.dbt_process.connections import keep_connections
    from orchestration.dbt_process.events import pass_over_unheard
    from orchestration.dbt_process.templates import templates_kept

    keep_connections()
    write_at_once()
    pass_over_unheard()
    status = 1
    try:
        with templates_kept():
            cli()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    os._exit(1)
