"""A warehouse with hand-made source records, the identity step over them, and the `braid` command pointed at it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import Result
from dagster import DagsterInstance, ExecuteInProcessResult, materialize
from psycopg import sql
from typer.testing import CliRunner

from identity.contract import IDENTITY_RECORDS
from orchestration.assets.identity import build_identity_assets
from orchestration.checks.identity import build_identity_checks
from orchestration.cli import app
from orchestration.identity_store import IdentityStore
from orchestration.resources import WarehouseResource, run_warehouse
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse
from tests.integration.orchestration.ready_case import Prepare, run_prepare

_TYPES = {pa.string(): "text", pa.list_(pa.string()): "text[]", pa.date32(): "date"}
_GIVEN = ("Ada", "Blaise", "Clara", "Dorothea", "Emil", "Farid", "Greta", "Hedwig", "Ines", "Jonas", "Katja", "Lars")
_FAMILY = ("Lovelace", "Pascal", "Immerwahr", "Erxleben", "Post", "Haddad", "Hermann", "Kohn", "Prieto", "Salk")


@dataclass
class IdentityRoom:
    """Source records, and what identity makes of them."""

    warehouse: Warehouse
    environment: dict[str, str]

    @property
    def store(self) -> IdentityStore:
        """The tables of identity."""
        return IdentityStore(self.warehouse)

    def add(self, record_id: str, **fields: Any) -> None:
        """Put a source record where dbt would."""
        source, entity, native_id = record_id.split(":")
        row = {"record_id": record_id, "source": source, "entity": entity, "native_id": native_id, **fields}
        with self.warehouse.connect() as connection:
            connection.execute(
                sql.SQL("insert into identity.identity_records ({}) values ({})").format(
                    sql.SQL(", ").join(map(sql.Identifier, row)),
                    sql.SQL(", ").join([sql.Placeholder()] * len(row)),
                ),
                list(row.values()),
            )

    def add_person(self, number: int, *sources: str) -> None:
        """Put a record of one and the same person in each source (`<source>:<entity>`)."""
        given, family = _GIVEN[number % len(_GIVEN)], _FAMILY[number % len(_FAMILY)]
        for source in sources:
            self.add(
                f"{source}:{number}",
                full_name=f"{given} {family}",
                given_name=given,
                family_name=family,
                emails=[f"{given}.{family}{number}@mail.example".lower()],
                phones=[f"+1 212 555 {1000 + number}"],
                birth_date=date(1960 + number % 40, 1 + number % 12, 1 + number % 28),
                street=f"{number + 1} Main Street",
                postcode=f"{10000 + number}",
            )

    def remove(self, record_id: str) -> None:
        """Take a source record away."""
        with self.warehouse.connect() as connection:
            connection.execute("delete from identity.identity_records where record_id = %s", (record_id,))

    def run(self, **settings: Any) -> ExecuteInProcessResult:
        """Run the identity step and its checks, as the job does."""
        given = Settings(
            database_url=self.warehouse.address.conninfo, home=Path(self.environment["BRAID_HOME"]), **settings
        )
        with DagsterInstance.ephemeral() as instance:
            return materialize(
                [*build_identity_assets(given), *build_identity_checks()],
                resources={"warehouse": run_warehouse(WarehouseResource(given))},
                instance=instance,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                raise_on_error=False,
            )

    def braid(self, *arguments: str) -> Result:
        """Run `braid identity …`."""
        return CliRunner().invoke(app, ["identity", *arguments], env=self.environment)

    def customers(self) -> dict[str, str]:
        """The customer of each record, as published."""
        table = self.store.assignment()
        return dict(zip(table["record_id"].to_pylist(), table["customer_id"].to_pylist(), strict=True))

    def groups(self) -> set[frozenset[str]]:
        """The records of each customer, as published."""
        found: dict[str, set[str]] = {}
        for record_id, customer_id in self.customers().items():
            found.setdefault(customer_id, set()).add(record_id)
        return {frozenset(records) for records in found.values()}


def _empty(warehouse: Warehouse, home: Path) -> IdentityRoom:
    columns = ", ".join(
        f"{field.name} {_TYPES.get(field.type, 'timestamptz')}{'' if field.nullable else ' not null'}"
        for field in IDENTITY_RECORDS
    )
    with warehouse.connect() as connection:
        connection.execute(f"create schema identity; create table identity.identity_records ({columns})")
    return _open(warehouse, home)


def _open(warehouse: Warehouse, home: Path) -> IdentityRoom:
    environment = {"BRAID_DATABASE_URL": warehouse.address.conninfo, "BRAID_HOME": str(home), "COLUMNS": "250"}
    return IdentityRoom(warehouse, environment)


@contextmanager
def _database(postgres: Warehouse, name: str, template: str = "template1") -> Iterator[Warehouse]:
    names = sql.Identifier(name), sql.Identifier(template)
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} template {}").format(*names))
    yield Warehouse(postgres.address.with_database(name))
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(names[0]))


@pytest.fixture
def room(warehouse: Warehouse, tmp_path: Path) -> IdentityRoom:
    """No records yet."""
    return _empty(warehouse, tmp_path / "braid")


@pytest.fixture(scope="session")
def busy_original(postgres: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityRoom]:
    """The one that every `busy_room` is a copy of."""
    with _database(postgres, f"busy_{os.getpid()}") as warehouse:
        original = _empty(warehouse, tmp_path_factory.mktemp("busy") / "braid")
        for number in range(40):
            original.add_person(number, "shopify:customer", "zendesk:user")
        assert original.run().success
        yield original


@pytest.fixture
def busy_room(postgres: Warehouse, busy_original: IdentityRoom, tmp_path: Path) -> Iterator[IdentityRoom]:
    """Forty people, each known to shop and help desk, and what identity published about them."""
    shutil.copytree(busy_original.environment["BRAID_HOME"], tmp_path / "braid")
    template = busy_original.warehouse.address.database
    with _database(postgres, f"{template}_copy", template) as warehouse:
        yield _open(warehouse, tmp_path / "braid")


@pytest.fixture(scope="module")
def prepare(tmp_path_factory: pytest.TempPathFactory) -> Prepare:
    """dbt's first half, with one folder for its artefacts, so that the project is parsed once."""
    return partial(run_prepare, tmp_path_factory.mktemp("dbt"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    return tmp_path / "files"
