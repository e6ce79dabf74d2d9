"""`braid serve` as a service manager runs it: one command, which takes all that it started with it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from orchestration.warehouse import Warehouse

ROOT = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "-c", "from orchestration.cli import app; app()", "serve"]
PATIENCE = 120
"""Seconds to wait for what must come; nothing is measured."""


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Service:
    """The command in a process of its own, and everything that it started."""

    def __init__(self, warehouse: Warehouse, home: Path, log: Path, *, workers: int) -> None:
        self.ui, self.api = free_port(), free_port()
        self.log = log
        given = {name: value for name, value in os.environ.items() if not name.startswith(("BRAID_", "DAGSTER_HOME"))}
        environment = given | {"BRAID_HOME": str(home), "BRAID_DATABASE_URL": warehouse.address.conninfo}
        options = ["--ui-port", str(self.ui), "--api-port", str(self.api), "--workers", str(workers)]
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [*COMMAND, *options], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
            )
        self.started: list[psutil.Process] = []

    def answers(self, url: str) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return httpx.get(url, timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def until_it_answers(self) -> None:
        self.until(lambda: self.answers(f"http://127.0.0.1:{self.ui}/server_info"))
        self.until(lambda: self.answers(f"http://127.0.0.1:{self.api}/health"))
        self.started = psutil.Process(self.process.pid).children(recursive=True)

    def until(self, is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.1)

    def left(self) -> list[psutil.Process]:
        """What of it still runs."""
        return [one for one in self.started if _runs(one)]

    def end(self) -> None:
        for one in [*self.started, *_children(self.process.pid)]:
            if one.is_running():
                one.kill()
        self.process.kill()
        self.process.wait()


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


@pytest.fixture
def serve(warehouse: Warehouse, tmp_path: Path) -> Iterator[Callable[[int], Service]]:
    services: list[Service] = []

    def start(workers: int) -> Service:
        services.append(Service(warehouse, tmp_path / "braid", tmp_path / "log", workers=workers))
        return services[-1]

    yield start
    for service in services:
        service.end()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_service_manager_ends_both_at_once(serve: Callable[[int], Service], workers: int) -> None:
    service = serve(workers)
    service.until_it_answers()
    (ui,) = [one for one in psutil.Process(service.process.pid).children() if "dagster" in one.cmdline()]
    service.process.send_signal(signal.SIGTERM)
    service.process.wait(PATIENCE)
    assert not _runs(ui), service.log.read_text()
    for port in (service.ui, service.api):
        with socket.socket() as tried:
            assert tried.connect_ex(("127.0.0.1", port)) != 0, "somebody still listens"
    # Dagster's code server ends by itself when nobody has asked after it for a while.
    service.until(lambda: not service.left())


@pytest.mark.slow
def test_nothing_is_left_of_a_ui_that_does_not_end_by_itself(serve: Callable[[int], Service]) -> None:
    service = serve(1)
    service.until_it_answers()
    (ui,) = [one for one in psutil.Process(service.process.pid).children() if "dagster" in one.cmdline()]
    below = ui.children(recursive=True)
    assert any("daemon" in " ".join(one.cmdline()) for one in below)
    ui.suspend()
    service.process.send_signal(signal.SIGTERM)
    service.process.wait(PATIENCE)
    assert [one for one in (ui, *below) if _runs(one)] == []
