"""The same journey on a server of one's own: Debian's PostgreSQL 15, by BRAID_DATABASE_URL."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.settings import Settings
from orchestration.warehouse import Address, Warehouse
from tests.end_to_end.conftest import company

BIN = Path("/usr/lib/postgresql/15/bin")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (BIN / "initdb").exists(), reason="needs Debian's postgresql-15, which .ci/run installs"),
]


def _as_server_user(*command: str) -> None:
    """PostgreSQL refuses to run as root, so root runs it as the user that Debian's package made for it."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *command], check=True, capture_output=True)


@pytest.fixture
def debian_server() -> Iterator[Warehouse]:
    """A PostgreSQL 15 on a loopback port, with a password."""
    folder = Path(tempfile.mkdtemp(prefix="braid-pg15-"))
    data, password = folder / "data", folder / "password"
    password.write_text("a password of its own\n")
    if os.geteuid() == 0:
        for path in (folder, password):
            shutil.chown(path, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    _as_server_user(
        str(BIN / "initdb"),
        "-D",
        str(data),
        "-U",
        "braid",
        f"--pwfile={password}",
        "--auth=scram-sha-256",
        "-E",
        "UTF8",
    )
    options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off"
    _as_server_user(str(BIN / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield Warehouse(Address("127.0.0.1", port, "braid", "a password of its own", "postgres"))
    finally:
        _as_server_user(str(BIN / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def test_the_same_journey_on_postgres_15(debian_server: Warehouse, tmp_path: Path) -> None:
    with company(tmp_path / "braid", debian_server, people=150, seed=3) as opened:
        url = f"postgresql://braid:a%20password%20of%20its%20own@127.0.0.1:{debian_server.address.port}/postgres"
        opened.environment["BRAID_DATABASE_URL"] = url
        output = opened.braid("run")
        assert "a password of its own" not in output
        assert not (tmp_path / "braid" / "postgres").exists()
        opened_by_url = Warehouse.open(Settings(database_url=url))
        version = opened_by_url.read("select current_setting('server_version') as v")["v"][0].as_py()
        profiles = debian_server.read("select count(*) as n from activation.profiles")["n"][0].as_py()
    assert version.startswith("15.")
    assert profiles > 100
