"""PostgreSQL servers of Debian's packages, of whichever versions are installed, for as long as a test needs one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.warehouse import Address, Warehouse

_PACKAGES = Path("/usr/lib/postgresql")
PASSWORD = "a password of its own"


def installed_versions() -> list[str]:
    """The major versions that can be started here; .ci/run installs 15."""
    return sorted(folder.name for folder in _PACKAGES.glob("*") if (folder / "bin/initdb").exists())


def _as_server_user(*command: str) -> None:
    """PostgreSQL refuses to run as root, so root runs it as the user that Debian's package made for it."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *command], check=True, capture_output=True)


@contextmanager
def debian_postgres(version: str) -> Iterator[Warehouse]:
    """A server of this major version on a loopback port, with a password; gone afterwards, with all that it held."""
    programs = _PACKAGES / version / "bin"
    folder = Path(tempfile.mkdtemp(prefix=f"braid-pg{version}-"))
    data, password = folder / "data", folder / "password"
    password.write_text(f"{PASSWORD}\n")
    if os.geteuid() == 0:
        for path in (folder, password):
            shutil.chown(path, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = ["-D", str(data), "-U", "braid", f"--pwfile={password}", "--auth=scram-sha-256", "-E", "UTF8"]
    _as_server_user(str(programs / "initdb"), *made)
    options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off -c jit=off"
    started = ["-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start"]
    _as_server_user(str(programs / "pg_ctl"), *started)
    try:
        yield Warehouse(Address("127.0.0.1", port, "braid", PASSWORD, "postgres"))
    finally:
        _as_server_user(str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
