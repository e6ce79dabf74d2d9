"""All stories told to one Braid: two days of a retailer's life, a run of everything after each, the API on both."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from psycopg import sql
from psycopg.rows import dict_row
from pydantic import SecretStr

from activation.access.keys import create_key
from activation.api.app import create_app
from activation.api.config import ApiConfig
from orchestration.warehouse import Warehouse
from sandbox.serve import Sandbox, serve
from sandbox.stories import STORIES, Story, retailer
from tests.parsed_project import keep, lend, of_runs


@dataclass
class Day:
    """What Braid knows at the end of a day: its warehouse, what the file drop holds, and the API on it."""

    warehouse: Warehouse
    drop: Path
    stories: dict[str, Story]

    def rows(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        with self.warehouse.connect() as connection:
            return connection.cursor(row_factory=dict_row).execute(query, parameters).fetchall()

    def customer_of(self, record_id: str) -> str:
        """The customer that a record is part of."""
        (row,) = self.rows("select customer_id from identity.record_customers where record_id = %s", record_id)
        return str(row["customer_id"])

    def customer(self, letter: str, name: str) -> str:
        """The one customer that a person of a story is; fails when Braid holds several, or strangers in it."""
        records = self.stories[letter].truth()[name]
        found = self.rows(
            "select customer_id, array_agg(record_id) as records from identity.record_customers "
            "where customer_id in (select customer_id from identity.record_customers where record_id = any(%s)) "
            "group by customer_id",
            list(records),
        )
        assert len(found) == 1, f"{name} is {len(found)} customers"
        known = {row["record_id"] for row in self.rows("select record_id from identity.identity_records")}
        assert set(found[0]["records"]) == records & known
        return str(found[0]["customer_id"])

    def segments(self, customer_id: str) -> set[str]:
        """What the customer is in, as published."""
        rows = self.rows("select segment from activation.segment_members where customer_id = %s", customer_id)
        return {row["segment"] for row in rows}

    def dropped(self, segment: str) -> str:
        """What the marketing tool was sent of a segment; empty when nothing."""
        return "".join(path.read_text() for path in sorted(self.drop.rglob(f"{segment}*.csv")))

    @cached_property
    def api(self) -> httpx.Client:
        """The profile API, by real HTTP, with a key."""
        with self.warehouse.connect() as connection:
            key = create_key(connection, "stories").key
        app = create_app(ApiConfig(conninfo=SecretStr(self.warehouse.address.conninfo)))
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the API did not start"
            time.sleep(0.01)
        self._server = server
        url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"})

    def profile(self, **identifier: str) -> dict[str, Any]:
        """The profile that an agent sees who looks somebody up."""
        answer = self.api.get("/v1/profiles/lookup", params=identifier)
        assert answer.status_code == 200, answer.text
        assert answer.json()["outcome"] == "found", answer.text
        found: dict[str, Any] = answer.json()["profile"]
        return found

    def timeline(self, customer_id: str) -> list[dict[str, Any]]:
        """The customer's touchpoints as the agent sees them, the latest first."""
        answer = self.api.get(f"/v1/profiles/{customer_id}/timeline", params={"limit": 200})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def close(self) -> None:
        server = getattr(self, "_server", None)
        if server is not None:
            server.should_exit = True


@dataclass
class Days:
    """The two days."""

    first: Day
    second: Day


def _run(home: Path, warehouse: Warehouse, sandbox: Sandbox, drop: Path) -> None:
    environment = {
        **os.environ,
        **sandbox.environment(),
        "BRAID_HOME": str(home),
        "BRAID_DATABASE_URL": warehouse.address.conninfo,
        "BRAID_FILE_DROP": str(drop),
    }
    reading = of_runs(home, warehouse.address, environment)
    lend(*reading)
    done = subprocess.run(
        [sys.executable, "-m", "orchestration", "run"],
        env=environment,
        cwd=home.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    keep(*reading)


@pytest.fixture(scope="package")
def days(postgres: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    """Both days, each in a database of its own."""
    folder = tmp_path_factory.mktemp("stories")
    names = [f"stories_{os.getpid()}_{day}" for day in (1, 2)]
    stories = {letter: tell() for letter, tell in STORIES.items()}
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(names[1])))
    warehouse = Warehouse(postgres.address.with_database(names[1]))
    drops = [folder / "drop", folder / "drop of day 1"]
    with serve(retailer(stories.values(), day=1), folder / "state", files=folder / "files") as sandbox:
        _run(folder / "braid", warehouse, sandbox, drops[0])
        drops[0].rename(drops[1])
        with postgres.connect(autocommit=True) as connection:
            connection.execute(
                sql.SQL("create database {} template {}").format(sql.Identifier(names[0]), sql.Identifier(names[1]))
            )
        subprocess.run(["cp", "-r", str(drops[1]), str(drops[0])], check=True)
        sandbox.advance(retailer(stories.values(), day=2))
        _run(folder / "braid", warehouse, sandbox, drops[0])
    first = Day(Warehouse(postgres.address.with_database(names[0])), drops[1], stories)
    second = Day(warehouse, drops[0], stories)
    yield Days(first, second)
    for day in (first, second):
        day.close()
    with postgres.connect(autocommit=True) as connection:
        for name in names:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
