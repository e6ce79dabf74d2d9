"""The look-alikes in a process of their own: what they cost is the vendor's, not Braid's."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def served(state: Path) -> Iterator[dict[str, str]]:
    """Serve the look-alikes of a company without records; yields the BRAID_… variables that point at them."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.sync_scale.tools", str(state)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        environment: dict[str, str] = json.loads(process.stdout.readline())
        yield environment
    finally:
        process.terminate()
        process.wait(10)


def accounts(environment: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The accounts in these variables, by name."""
    found: dict[str, dict[str, Any]] = {}
    for variable, value in environment.items():
        name, nested, field = variable.removeprefix("BRAID_").lower().partition("__")
        if nested:
            found.setdefault(name, {})[field] = value
    return found


def _main() -> None:
    from datetime import UTC, datetime

    from sandbox.serve import serve
    from sandbox.world import TABLES, World

    empty = World({name: schema.empty_table() for name, schema in TABLES.items()}, datetime(2026, 6, 1, tzinfo=UTC), 1)
    with serve(empty, Path(sys.argv[1])) as sandbox:
        print(json.dumps(sandbox.environment()), flush=True)
        signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    _main()
