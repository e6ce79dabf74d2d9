"""What every test may use: an embedded PostgreSQL for the session, a fresh database for each test."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest
from psycopg import sql

from orchestration.warehouse import Warehouse, start_embedded

os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
for terminal in ("COLUMNS", "LINES", "TERM", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
    os.environ.pop(terminal, None)  # what is printed does not depend on the window that the tests are started in

# Machines are noisy, so no example has a deadline. Where a change is judged the examples are always the same ones; new
# ones are met while it is made.
hypothesis.settings.register_profile("developing", deadline=None)
hypothesis.settings.register_profile("judging", deadline=None, derandomize=True)
hypothesis.settings.load_profile("judging" if os.environ.get("CI") else "developing")

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Warehouse]:
    """One embedded server for the session; durability off, since nothing in it outlives the tests."""
    folder = Path(tempfile.mkdtemp(prefix="braid-test-"))
    server = start_embedded(folder / "postgres")
    with server.connect(autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sql.SQL("alter system set {} = off").format(sql.Identifier(setting)))
        connection.execute("select pg_reload_conf()")
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def warehouse(postgres: Warehouse) -> Iterator[Warehouse]:
    """A fresh, empty database."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    yield Warehouse(postgres.address.with_database(name))
    with postgres.connect(autocommit=True) as connection:
        try:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
        except psycopg.errors.InvalidCatalogName:
            pytest.fail(f"the test dropped its own database {name}")
