"""A run again changes nothing when nothing is new, and ends like an undisturbed one after any that was killed."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from orchestration.warehouse import Warehouse
from tests.end_to_end.conftest import Company, company
from tests.integration.dbt_project.conftest import database

pytestmark = pytest.mark.slow

BUILT = ("staging", "identity", "golden", "marts", "segments", "activation", "build_state")
RAW = ("raw_salesforce", "raw_shopify", "raw_zendesk", "raw_meta", "raw_x", "raw_files")
DATABASE = f"runs_again_{os.getpid()}"
"""Of both companies, one after the other: its name is in rules and digests, which are compared as well."""
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


@dataclass(frozen=True)
class Seen:
    """What there is after a run: digests of tables, what vendors were written so far, and files with their times."""

    built: dict[str, str]
    raw: dict[str, str]
    writes: int
    files: dict[str, int]
    of_any_attempt: dict[str, str]


def _look(opened: Company) -> Seen:
    requests = httpx.get(f"{opened.sandbox_url}/_sandbox/requests").json()
    return Seen(
        built=opened.state(*BUILT),
        raw=opened.state(*RAW),
        writes=sum(requests["writes"].values()),
        files={path.name: path.stat().st_mtime_ns for path in sorted(Path(opened.home, "outbox").iterdir())},
        of_any_attempt=_of_any_attempt(opened),
    )


def _of_any_attempt(opened: Company) -> dict[str, str]:
    return _without_history(opened.state(*RAW, *BUILT, but=COUNTERS | OF_THE_ATTEMPT))


@pytest.fixture(scope="module")
def undisturbed(postgres: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> list[Seen]:
    """What there is after each of three runs that nobody disturbs."""
    home = tmp_path_factory.mktemp("undisturbed") / "braid"
    seen = []
    with database(postgres, DATABASE) as warehouse, company(home, warehouse, people=150, seed=3) as opened:
        for _ in range(3):
            opened.braid("run")
            seen.append(_look(opened))
    return seen


def test_a_second_run_changes_nothing(undisturbed: list[Seen]) -> None:
    first, second, third = undisturbed
    assert len(first.built) > 120
    assert {table.partition(".")[0] for table in first.built} == set(BUILT)
    assert first.writes > 0
    assert any(name.endswith(".csv") for name in first.files)

    assert second.built == first.built
    assert (second.writes, second.files) == (first.writes, first.files)
    changed = {table for table in first.raw if second.raw[table] != first.raw[table]}
    assert changed <= {"raw_zendesk.users"}  # decision 0003

    assert (third.built, third.raw) == (second.built, second.raw)


def test_a_killed_run_ends_like_an_undisturbed_one(
    undisturbed: list[Seen], postgres: Warehouse, tmp_path: Path
) -> None:
    with (
        database(postgres, DATABASE) as warehouse,
        company(tmp_path / "killed", warehouse, people=150, seed=3) as killed,
    ):
        for words, seconds in POINTS:
            _kill_at(killed, words, seconds)
        killed.braid("run")
        killed.braid("run")  # takes in the echo of its own delivery, as the second undisturbed one did
        assert _of_any_attempt(killed) == undisturbed[1].of_any_attempt
