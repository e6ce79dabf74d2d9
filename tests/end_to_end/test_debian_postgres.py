"""The same journey on a server of one's own: Debian's PostgreSQL 15, by BRAID_DATABASE_URL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from orchestration.settings import Settings
from orchestration.warehouse import Warehouse
from tests.debian_postgres import PASSWORD, debian_postgres, installed_versions
from tests.end_to_end.conftest import company

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("15" not in installed_versions(), reason="needs Debian's postgresql-15, which .ci/run installs"),
]


@pytest.fixture
def debian_server() -> Iterator[Warehouse]:
    """A PostgreSQL 15 on a loopback port, with a password."""
    with debian_postgres("15") as server:
        yield server


def test_the_same_journey_on_postgres_15(debian_server: Warehouse, tmp_path: Path) -> None:
    with company(tmp_path / "braid", debian_server, people=150, seed=3) as opened:
        url = f"postgresql://braid:{quote(PASSWORD)}@127.0.0.1:{debian_server.address.port}/postgres"
        opened.environment["BRAID_DATABASE_URL"] = url
        output = opened.braid("run")
        assert PASSWORD not in output
        assert not (tmp_path / "braid" / "postgres").exists()
        opened_by_url = Warehouse.open(Settings(database_url=url))
        version = opened_by_url.read("select current_setting('server_version') as v")["v"][0].as_py()
        profiles = debian_server.read("select count(*) as n from activation.profiles")["n"][0].as_py()
    assert version.startswith("15.")
    assert profiles > 100
