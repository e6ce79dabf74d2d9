"""The small company, built and published, with a person in it whom every source knows; one copy for each test."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from activation.privacy.erasure import erase
from activation.privacy.tombstones import TombstoneKey
from activation.privacy.withholding import Withheld, withhold
from activation.publish import publish
from orchestration.warehouse import Warehouse
from tests.integration.dbt_project.conftest import Dbt, database, run_dbt, tell_company

AS_OF = datetime(2026, 2, 1, tzinfo=UTC)
KEY = TombstoneKey(b"0123456789abcdef0123456789abcdef")
_numbers = itertools.count(1)
_STORY = Path(__file__).with_name("story.sql")


@dataclass(frozen=True)
class Company:
    """A built warehouse and dbt over it."""

    warehouse: Warehouse
    dbt: Dbt

    def erase(self, customer: str, records: list[str] | None = None) -> str:
        with self.warehouse.connect() as connection:
            return erase(connection, customer, records, KEY, default_region="GB", requested_by="officer")

    def withhold(self, key: TombstoneKey | None = KEY) -> Withheld:
        with self.warehouse.connect() as connection:
            return withhold(connection, key, "GB")

    def acknowledge(self) -> None:
        """What a sync does when every vendor has confirmed."""
        self.tell("delete from activation.deliveries where erase_requested")

    def tell(self, *statements: str) -> None:
        with self.warehouse.connect() as connection:
            for statement in statements:
                connection.execute(statement)

    def build(self) -> None:
        done = self.dbt(self.warehouse, "build", "--exclude", "test_type:unit")
        assert done.returncode == 0, done.stdout
        with self.warehouse.connect() as connection:
            publish(connection, "run", AS_OF)


@pytest.fixture(scope="session")
def privacy_dbt(tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    return partial(run_dbt, tmp_path_factory.mktemp("privacy_dbt"))


@pytest.fixture(scope="session")
def built(postgres: Warehouse, privacy_dbt: Dbt) -> Iterator[Warehouse]:
    """Built once; tests copy it."""
    with database(postgres, f"privacy_{os.getpid()}") as warehouse:
        tell_company(warehouse)
        with warehouse.connect() as connection:
            connection.execute(_STORY.read_text())
        Company(warehouse, privacy_dbt).build()
        with warehouse.connect() as connection:
            connection.execute(_STORY.with_name("traces.sql").read_text())
        yield warehouse


@pytest.fixture
def company(postgres: Warehouse, built: Warehouse, privacy_dbt: Dbt) -> Iterator[Company]:
    """A copy of the built company, to do with as one likes."""
    name = f"privacy_{os.getpid()}_{next(_numbers)}"
    with database(postgres, name, like=built.address.database) as warehouse:
        yield Company(warehouse, privacy_dbt)
