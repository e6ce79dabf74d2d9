"""Several workers on one address: one rate, one set of figures, and nothing unaudited when they are told to stop."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from activation.access.keys import create_key

_SERVE = (
    "import sys; from activation.api.server import serve_api; serve_api(sys.argv[1], port=int(sys.argv[2]), workers=2)"
)


def fresh_get(url: str, key: str | None = None) -> httpx.Response:
    """On a connection of its own: any worker may answer."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.get(url, headers=headers, timeout=10)


@pytest.fixture
def workers(published, warehouse) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", _SERVE, warehouse.address.conninfo, str(port)])
    url = f"http://127.0.0.1:{port}"
    try:
        while process.poll() is None:
            try:
                if fresh_get(f"{url}/ready").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def test_workers_count_together_and_leave_nothing_unaudited(workers, published) -> None:
    url, process = workers
    key = create_key(published.connection, "tests", rate_limit=5).key
    statuses = [fresh_get(f"{url}/v1/profiles/c1", key).status_code for _ in range(30)]
    # A worker that starts later is unknown to the others for a second: it may grant as much again.
    assert 5 <= statuses.count(200) <= 10
    assert statuses[-1] == 429

    counted = re.compile(r'^braid_http_requests_total\{[^}]*route="/v1/profiles/\{customer_id\}"[^}]*\} (\d+)', re.M)
    figures = fresh_get(f"{url}/metrics").text
    assert sum(int(float(value)) for value in counted.findall(figures)) == 30
    assert "pid=" not in figures

    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert published.rows("select count(*) from activation.audit where action = 'profile.read'") == [
        (statuses.count(200),)
    ]
