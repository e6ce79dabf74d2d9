"""Segment's published client, unmodified, through a storm: ten thousand events, every one in the warehouse once."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import segment.analytics.client

from orchestration.run import run_job
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse
from tests.integration.activation.events.conftest import write_key
from tests.integration.dbt_project.conftest import database

EVENTS = 10_000
USERS = 100
KILLED_AT = (30, 80)  # requests in whose middle the server dies

# What becomes of one request after another. `lost`: it is taken, and the answer never arrives.
SQUALLS = ("pass", "lost", "pass", "500 before", "pass", "reset", "pass", "500 after")
WEATHER = (*SQUALLS, *SQUALLS, "pass", "lost", "lost", "reset")
THROTTLED_AT = (20, 60)  # requests that are told 429, to come back after a second

_SERVER = """
import sys, uvicorn
from pydantic import SecretStr
from activation.api.app import create_app
from activation.api.config import ApiConfig
app = create_app(ApiConfig(conninfo=SecretStr(sys.argv[1])))
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="critical", access_log=False)
"""


@dataclass
class Braid:
    """The API as a process of its own, that can be killed and comes back on the same port."""

    conninfo: str
    port: int
    deaths: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", _SERVER, self.conninfo, str(self.port)])
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                httpx.get(f"http://127.0.0.1:{self.port}/health")
                return
            except httpx.HTTPError:
                assert self.process.poll() is None, "the server did not start"
                time.sleep(0.05)
        pytest.fail("the server did not start")

    def die(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.deaths += 1


@dataclass
class Storm:
    """Stands between the client and Braid, and spoils what passes."""

    braid: Braid
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    seen: Counter[str] = field(default_factory=Counter)
    upstream: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=20))

    def serve(self) -> ThreadingHTTPServer:
        storm = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                storm.pass_on(self, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *_: object) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def pass_on(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        number = next(self.numbers)
        fate = "429" if number in THROTTLED_AT else WEATHER[number % len(WEATHER)]
        fate = "killed" if number in KILLED_AT else fate
        self.seen[fate] += 1
        if fate == "429":
            return self.answer(request, 429, b"{}", {"Retry-After": "1"})
        if fate == "500 before":
            return self.answer(request, 500, b"{}")
        if fate == "reset":
            return self.cut(request)
        if fate == "killed":
            threading.Timer(0.002, self.braid.die).start()
        try:
            headers = {k: v for k, v in request.headers.items() if k.lower() not in ("host", "content-length")}
            url = f"http://127.0.0.1:{self.braid.port}{request.path}"
            reply = self.upstream.post(url, content=body, headers=headers)
        except httpx.HTTPError:
            reply = None
        if fate == "killed":
            while self.braid.process is not None and self.braid.process.poll() is None:
                time.sleep(0.001)
            self.braid.start()
            return self.cut(request)
        if reply is None or fate == "lost":
            return self.cut(request)
        if fate == "500 after":
            return self.answer(request, 500, b"{}")
        return self.answer(request, reply.status_code, reply.content)

    def answer(
        self, request: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        request.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    def cut(self, request: BaseHTTPRequestHandler) -> None:
        """End the connection with a reset and without a word."""
        request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        request.close_connection = True
        request.connection.close()


@dataclass(frozen=True)
class Delivered:
    """What the client was given to send, and where it went."""

    warehouse: Warehouse
    sent: dict[str, str]  # message id to type
    failures: list[Any]
    storm: Storm

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.warehouse.connect() as connection:
            return connection.execute(query).fetchall()


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _talk(client: segment.analytics.client.Client) -> dict[str, str]:
    """Ten thousand calls of a shop: people browse, then say who they are, then buy."""
    sent = {}
    numbers = itertools.count()

    def said(result: tuple[bool, dict[str, Any]]) -> None:
        queued, message = result
        assert queued
        sent[message["messageId"]] = message["type"]

    for user in itertools.cycle(range(USERS)):
        left = EVENTS - len(sent)
        if left < 10:
            break
        device, account = f"device-{user}", f"u{user}"
        said(client.page(anonymous_id=device, name="Home", context={"campaign": {"name": "spring"}}))
        for _ in range(6):
            product = {"product_id": str(next(numbers) % 50), "name": "Shoe", "price": 20, "currency": "USD"}
            said(client.track(anonymous_id=device, event="Product Viewed", properties=product))
        traits = {"email": f"person{user}@example.org", "firstName": "Ada", "lastName": f"Person{user}"}
        said(client.identify(account, traits, anonymous_id=device))
        order = {"order_id": f"W-{next(numbers)}", "total": 20, "currency": "USD", "products": [product]}
        said(client.track(account, "Order Completed", order))
        said(client.screen(account, name="Thanks"))
    return sent


@pytest.fixture(scope="module")
def delivered(postgres: Warehouse) -> Iterator[Delivered]:
    with database(postgres, f"storm_{os.getpid()}") as warehouse:
        key = write_key(warehouse)
        braid = Braid(warehouse.address.conninfo, _free_port())
        braid.start()
        storm = Storm(braid)
        server = storm.serve()
        failures: list[Any] = []
        client = segment.analytics.client.Client(
            key,
            host=f"http://127.0.0.1:{server.server_port}",
            gzip=True,
            max_queue_size=EVENTS,
            on_error=lambda error, _: failures.append(error),
        )
        try:
            sent = _talk(client)
            client.shutdown()
            yield Delivered(warehouse, sent, failures, storm)
        finally:
            server.shutdown()
            server.server_close()
            braid.die()


def test_every_event_is_in_the_warehouse_once_after_the_storm(delivered: Delivered) -> None:
    assert len(delivered.sent) == EVENTS
    assert delivered.storm.braid.deaths == len(KILLED_AT)
    assert set(delivered.storm.seen) == {*WEATHER, "429", "killed"}, "the storm was no storm"
    assert delivered.failures == []
    assert dict(delivered.rows("select message_id, type from activation.events")) == delivered.sent
    assert delivered.rows("select count(*) from activation.events") == [(EVENTS,)]
    assert delivered.rows("select count(*) from activation.quarantined_events") == [(0,)]


@pytest.mark.slow
def test_a_run_brings_every_event_to_the_timeline_of_its_customer(delivered: Delivered, tmp_path: Path) -> None:
    conninfo = delivered.warehouse.address.conninfo
    settings = Settings(home=tmp_path, database_url=conninfo)
    outcome = run_job(settings)
    assert outcome.success, outcome.problems
    told = Counter(delivered.sent.values())
    touches = "from marts.interactions where source = 'events'"
    assert delivered.rows(f"select count(*), count(distinct interaction_id) {touches}") == [
        (told["track"] + told["page"] + told["screen"],) * 2
    ]
    assert delivered.rows(f"select count(distinct customer_id) {touches}") == [(USERS,)]
    # Whoever browsed before they said who they are is the same customer: nothing is left without one.
    assert delivered.rows(f"select count(*) {touches} and customer_id is null") == [(0,)]
    assert delivered.rows("select count(*), sum(order_count) from marts.customer_metrics") == [
        (USERS, told["identify"])
    ]
    assert delivered.rows("select count(*) from activation.profiles") == [(USERS,)]
