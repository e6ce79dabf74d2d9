"""The demo's surroundings: the sandbox retailer, running as a process of its own below Braid's home."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_START_SECONDS = 120


class DemoError(RuntimeError):
    """The sandbox retailer did not open; the message says where its log is."""


@dataclass(frozen=True)
class Shop:
    """The sandbox retailer at work: what Braid is told of it, and the truth that Braid is not told."""

    environment: dict[str, str]
    truth: Path


def sandbox_folder(home: Path) -> Path:
    """Where the demo's retailer keeps its world."""
    return home / "sandbox"


def remembered(home: Path) -> dict[str, int] | None:
    """What the last demo below `home` was opened with, to open it again; None when there was none."""
    note = sandbox_folder(home) / "demo.json"
    return json.loads(note.read_text()) if note.exists() else None


@contextmanager
def open_shop(home: Path, *, people: int, seed: int) -> Iterator[Shop]:
    """Run the sandbox retailer for the length of the block.

    It is another process, so that killing a pipeline does not kill the vendors that it talks to.

    Raises:
        DemoError: if it does not open.
    """
    folder = sandbox_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    ready, log = folder / "environment.json", folder / "sandbox.log"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "sandbox", "serve", "--people", str(people), "--seed", str(seed)]
    with log.open("ab") as output:
        process = subprocess.Popen([*command, "--with-parent", "--home", str(folder)], stdout=output, stderr=output)  # noqa: S603
    try:
        _wait(process, ready, log)
        (folder / "demo.json").write_text(json.dumps({"people": people, "seed": seed}))
        yield Shop(json.loads(ready.read_text()), folder / "truth.parquet")
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(process: subprocess.Popen[bytes], ready: Path, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise DemoError(f"the sandbox retailer did not open; see {log}")
        time.sleep(0.1)


def enter(shop: Shop) -> None:
    """Make this process and its children see the retailer's systems as the configured ones."""
    os.environ.update(shop.environment)
