"""A run killed at any point, then run again, ends where an undisturbed run ends."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from psycopg import sql

from orchestration.warehouse import Warehouse
from tests.end_to_end.conftest import Company, company

pytestmark = pytest.mark.slow

EVERYTHING = (
    "raw_salesforce",
    "raw_shopify",
    "raw_zendesk",
    "raw_meta",
    "raw_x",
    "raw_files",
    "staging",
    "identity",
    "golden",
    "marts",
    "segments",
    "activation",
    "build_state",
)
COUNTERS = frozenset({"change_id", "seen"})
"""What `build_state` counts announcements with: a run that was killed leaves gaps, which mean nothing."""
OF_THE_ATTEMPT = frozenset({"idempotency_key", "attempts", "remote_id"})
"""What each attempt at sending a row makes anew or counts, and the ids that a tool draws for what it takes."""
HISTORY = frozenset({"activation.syncs", "activation.sync_rows"})
"""What each sync did: of a killed one it is told that it was killed."""
SECRETS = frozenset({"activation.suppression_key"})
"""What each database draws for itself."""
# (a step's line in the progress, seconds into that step): each run is killed there, and the next one goes on from it.
POINTS = [
    ("shopify", 0.4),
    ("zendesk", 0.8),
    ("staging", 2.5),
    ("identity: who is who", 1.0),
    ("golden", 3.5),
    ("publish", 0.1),
    ("zendesk users", 0.15),
]


def _kill_at(company: Company, words: str, seconds: float) -> None:
    process = company.start("run")
    assert process.stdout is not None
    for line in process.stdout:
        if line.lstrip().startswith("…") and words in line:
            break
    else:
        pytest.fail(f"the run never came to {words!r}")
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def _without_history(state: dict[str, str]) -> dict[str, str]:
    return {table: digest for table, digest in state.items() if table not in HISTORY | SECRETS}


def _begin_again(warehouse: Warehouse, postgres: Warehouse) -> None:
    """An empty database of the same name: the name is in rules and digests, which are compared as well."""
    name = sql.Identifier(warehouse.address.database)
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(name))
        connection.execute(sql.SQL("create database {}").format(name))


def test_a_killed_run_ends_like_an_undisturbed_one(warehouse: Warehouse, postgres: Warehouse, tmp_path: Path) -> None:
    with company(tmp_path / "undisturbed", warehouse, people=150, seed=3) as undisturbed:
        undisturbed.braid("run")
        undisturbed.braid("run")  # takes in the echo of its own delivery, as the killed one does
        expected = _without_history(undisturbed.state(*EVERYTHING, but=COUNTERS | OF_THE_ATTEMPT))

    _begin_again(warehouse, postgres)
    with company(tmp_path / "killed", warehouse, people=150, seed=3) as killed:
        for words, seconds in POINTS:
            _kill_at(killed, words, seconds)
        killed.braid("run")
        killed.braid("run")
        found = _without_history(killed.state(*EVERYTHING, but=COUNTERS | OF_THE_ATTEMPT))
    assert found == expected
