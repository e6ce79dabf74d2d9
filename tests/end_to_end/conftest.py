"""The whole journey as a user runs it: the `braid` command, a sandbox retailer, a database."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from orchestration.demo import open_shop
from orchestration.warehouse import Warehouse
from tests.parsed_project import keep, lend, of_runs

VOLATILE = {
    "_dlt_load_id",
    "_dlt_id",
    "run_id",
    "base_run_id",
    "made_at",
    "published_at",
    "acknowledged_at",
    "attempted_at",
    "adopted_at",
    "applied_at",
    "first_used_at",
    "first_rejected_at",
    "last_rejected_at",
}
"""Columns that say when or by which run something happened: they may differ where everything else is the same."""

ECHO = {"raw_zendesk.users": ("{cursor_value}", "{payload,updated_at}")}
"""Where a vendor notes the moment of our own delivery (decision 0003), by its own clock."""


@dataclass
class Company:
    """A sandbox retailer with a warehouse and a home of its own, and the `braid` command pointed at them."""

    home: Path
    warehouse: Warehouse
    environment: dict[str, str]
    truth: Path
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def sandbox_url(self) -> str:
        """Where the retailer's look-alikes are, for faults, rows and counts."""
        return self.environment["BRAID_SHOPIFY__URL"].removesuffix("/shopify")

    @property
    def files(self) -> Path:
        """The folder of the systems that come as files."""
        return Path(self.environment["BRAID_FILES"])

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `braid` and return at once."""
        lend(*of_runs(self.home, self.warehouse.address, self.environment))
        process = subprocess.Popen(
            [sys.executable, "-m", "orchestration", *arguments],
            env={**os.environ, **self.environment},
            cwd=self.home.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.processes.append(process)
        return process

    def braid(self, *arguments: str) -> str:
        """Run `braid` to its end and return what it printed; fail the test when it fails."""
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=600)
        assert process.returncode == 0, output
        keep(*of_runs(self.home, self.warehouse.address, self.environment))
        return output

    def state(self, *schemas: str, but: frozenset[str] = frozenset()) -> dict[str, str]:
        """A digest of every table's rows, volatile columns (and those named by `but`) left out."""
        volatile = ", ".join(f"'{name}'" for name in sorted(VOLATILE | but))
        with self.warehouse.connect() as connection:
            tables = connection.execute(
                "select table_schema, table_name from information_schema.tables "
                "where table_schema = any(%s) and table_type = 'BASE TABLE' and left(table_name, 4) <> '_dlt'",
                (list(schemas),),
            ).fetchall()
            digests = {}
            for schema, table in tables:
                echo = "".join(f" #- '{path}'" for path in ECHO.get(f"{schema}.{table}", ()))
                row = connection.execute(
                    "select count(*) || ' rows ' || coalesce(md5(string_agg(h, '' order by h)), '') from "
                    f"(select md5((to_jsonb(t) - array[{volatile}]{echo})::text) as h "
                    f'from "{schema}"."{table}" as t) as x'
                ).fetchone()
                digests[f"{schema}.{table}"] = row[0]
        return dict(sorted(digests.items()))


@contextmanager
def company(home: Path, warehouse: Warehouse, *, people: int, seed: int) -> Iterator[Company]:
    """Open a retailer for the length of the block."""
    with open_shop(home, people=people, seed=seed) as shop:
        environment = {
            **shop.environment,
            "BRAID_HOME": home.name,  # as most people have it: relative to where they are
            "BRAID_DATABASE_URL": warehouse.address.conninfo,
        }
        opened = Company(home, warehouse, environment, shop.truth)
        try:
            yield opened
        finally:
            for process in opened.processes:
                if process.poll() is None:
                    process.kill()


@pytest.fixture
def small_company(warehouse: Warehouse, tmp_path: Path) -> Iterator[Company]:
    """A retailer that has met 150 people."""
    with company(tmp_path / "braid", warehouse, people=150, seed=3) as opened:
        yield opened


@pytest.fixture
def bare_company(warehouse: Warehouse, tmp_path: Path) -> Company:
    """A company without any vendor."""
    home = tmp_path / "braid"
    environment = {"BRAID_HOME": home.name, "BRAID_DATABASE_URL": warehouse.address.conninfo}
    return Company(home, warehouse, environment, tmp_path / "no truth")
