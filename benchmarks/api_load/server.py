"""The API as `braid serve` runs it, without Dagster's UI beside it, in processes of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from activation.api.server import serve_api
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse

_PATIENCE = 60.0


@contextmanager
def serving(settings: Settings, workers: int, ready: str = "/ready") -> Iterator[str]:
    """Serve the warehouse below `settings.home` for the length of the block; its address.

    It is there when `ready` answers 200: `/ready` when something is published, `/health` as soon as it is up.

    Raises:
        RuntimeError: if the API does not come up.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.api_load.server", str(port), str(workers)]
    process = subprocess.Popen(command, env={**os.environ, "BRAID_HOME": str(settings.home)})
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(process, url + ready)
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"the API does not answer at {url}; is the warehouse published?")


if __name__ == "__main__":
    settings = Settings()
    serve_api(Warehouse.open(settings).address.conninfo, port=int(sys.argv[1]), workers=int(sys.argv[2]))
