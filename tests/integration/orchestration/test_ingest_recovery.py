"""A load that is killed, or whose working files are lost or belong to another database, still ends at the same rows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dlt
import httpx
import psycopg
import pytest

from orchestration.settings import Settings
from orchestration.sources.client import Patience
from orchestration.sources.errors import SourceError
from orchestration.sources.load import load
from orchestration.sources.runtime import hermetic, pipeline
from orchestration.warehouse import Address, Warehouse
from sandbox.generator import generate
from sandbox.serve import Sandbox, serve

HASTE = Patience(attempts=3, backoff=0.01, longest_wait=1, timeout=5)

# Runs a load in a process of its own and kills it, unasked, when dlt reaches a step.
KILLED = """
import os, signal, sys
from pathlib import Path
from dlt.pipeline.pipeline import Pipeline
from dlt.load.load import Load
from orchestration.settings import Settings
from orchestration.sources.load import load
from orchestration.warehouse import Address, Warehouse

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

step = sys.argv[1]
if step == "after extract":
    Pipeline.normalize = die
elif step == "after normalize":
    Pipeline.load = die
elif step == "during load":
    plain = Load.complete_jobs
    Load.complete_jobs = lambda *a, **k: (plain(*a, **k), die())
elif step == "before the package is closed":
    Load.complete_package = die
load(sys.argv[2], Settings(home=Path(sys.argv[3])), Warehouse(Address.from_url(sys.argv[4])))
"""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with serve(generate(60, seed=5), tmp_path_factory.mktemp("state")) as running:
        yield running


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    return Settings(home=tmp_path / "home")


def tickets(warehouse: Warehouse) -> dict[str, str]:
    found = warehouse.read("select record_key, payload::text as payload from raw_zendesk.tickets")
    return dict(zip(found["record_key"].to_pylist(), found["payload"].to_pylist(), strict=True))


@pytest.mark.parametrize(
    ("step", "recovered"),
    # Before anything is in the warehouse, dlt prefers to fetch anew.
    [("after extract", 0), ("after normalize", 0), ("during load", 1), ("before the package is closed", 1)],
)
def test_a_killed_load_is_finished_by_the_next(step, recovered, sandbox, settings, warehouse):
    arguments = [step, "zendesk", str(settings.home), warehouse.address.conninfo]
    ended = subprocess.run([sys.executable, "-W", "ignore", "-c", KILLED, *arguments], env=os.environ, check=False)
    assert ended.returncode == -signal.SIGKILL

    report = load("zendesk", settings, warehouse, HASTE)
    assert report.recovered_packages == recovered
    served = sandbox.vendors.by_name["zendesk"].streams
    for name in ("users", "tickets", "ticket_comments", "user_identities"):
        keys = warehouse.read(f"select record_key from raw_zendesk.{name}")["record_key"].to_pylist()
        assert len(keys) == len(set(keys)) == len(served[name]), name
    assert load("zendesk", settings, warehouse, HASTE).rows_loaded == 0


def test_a_pending_package_that_cannot_be_loaded_is_fetched_anew(settings, warehouse):
    with hermetic():
        flow = pipeline("zendesk", settings.home, warehouse.address)
        poison = {"record_key": {"data_type": "text", "nullable": False}, "payload": {"data_type": "json"}}
        flow.extract(dlt.resource([{"record_key": None, "payload": {}}], name="tickets", columns=poison))
    report = load("zendesk", settings, warehouse, HASTE)
    assert report.recovered_packages == 0
    assert {stream.stream: stream.rows_loaded > 0 for stream in report.streams}["tickets"]


def test_a_load_that_the_warehouse_refuses_does_not_move_the_cursor(sandbox, settings, warehouse):
    load("zendesk", settings, warehouse, HASTE)
    user = next(iter(sandbox.vendors.by_name["zendesk"].streams["users"]))
    change = {"vendor": "zendesk", "stream": "users", "key": user.key, "set": {"name": "Renamed"}}
    httpx.post(f"{sandbox.url}/_sandbox/rows", json=change).raise_for_status()
    with warehouse.connect(autocommit=True) as connection:
        connection.execute("alter table raw_zendesk.users add constraint refusal check (payload->>'name' <> 'Renamed')")
    with pytest.raises(SourceError, match=r"^zendesk: the load step failed") as caught:
        load("zendesk", settings, warehouse, HASTE)
    assert "Renamed" not in str(caught.value)
    left = [path for path in settings.home.rglob("*") if path.is_file() and b"Renamed" in path.read_bytes()]
    assert left == [], "a refused package must not stay on disk"

    with warehouse.connect(autocommit=True) as connection:
        connection.execute("alter table raw_zendesk.users drop constraint refusal")
    load("zendesk", settings, warehouse, HASTE)
    found = warehouse.read("select payload->>'name' as name from raw_zendesk.users where record_key = $1", (user.key,))
    assert found["name"].to_pylist() == ["Renamed"]


def test_lost_working_files_cost_nothing_but_their_folder(settings, warehouse):
    load("zendesk", settings, warehouse, HASTE)
    before = tickets(warehouse)
    again = load("zendesk", settings.model_copy(update={"home": settings.home / "elsewhere"}), warehouse, HASTE)
    assert again.rows_loaded == 0, "the cursors are in the warehouse"
    assert tickets(warehouse) == before


def test_the_same_home_with_another_database_starts_anew(settings, warehouse, postgres):
    load("zendesk", settings, warehouse, HASTE)
    name = f"{warehouse.address.database}_other"
    with postgres.connect(autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("create database {}").format(psycopg.sql.Identifier(name)))
    other = Warehouse(warehouse.address.with_database(name))
    try:
        load("zendesk", settings, other, HASTE)
        assert tickets(other) == tickets(warehouse)
    finally:
        with postgres.connect(autocommit=True) as connection:
            connection.execute(psycopg.sql.SQL("drop database {} with (force)").format(psycopg.sql.Identifier(name)))


def test_dlt_writes_no_password_and_no_person_into_its_folder(settings, warehouse):
    address = warehouse.address
    secret = Warehouse(Address(address.host, address.port, address.user, "pw-7fa9c1", address.database))
    load("zendesk", settings, secret, HASTE)
    email = warehouse.read(
        "select payload->>'email' as email from raw_zendesk.users where payload->>'email' is not null"
    )
    words = [email["email"][0].as_py().encode(), b"pw-7fa9c1", b"zendesk-sandbox-token"]
    for path in settings.home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [word for word in words if word in content], path
