"""A second run with nothing new changes nothing, and says so to nobody."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.end_to_end.conftest import Company

pytestmark = pytest.mark.slow

BUILT = ("staging", "identity", "golden", "marts", "segments", "activation", "build_state")
RAW = ("raw_salesforce", "raw_shopify", "raw_zendesk", "raw_meta", "raw_x", "raw_files")


def _writes(company: Company) -> int:
    return sum(httpx.get(f"{company.sandbox_url}/_sandbox/requests").json()["writes"].values())


def _files(company: Company) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in sorted(Path(company.home, "outbox").iterdir())}


def test_a_second_run_changes_nothing(small_company: Company) -> None:
    small_company.braid("run")
    built, raw, writes, files = (
        small_company.state(*BUILT),
        small_company.state(*RAW),
        _writes(small_company),
        _files(small_company),
    )
    assert len(built) > 120
    assert {table.partition(".")[0] for table in built} == set(BUILT)
    assert writes > 0
    assert any(name.endswith(".csv") for name in files)

    small_company.braid("run")
    assert small_company.state(*BUILT) == built
    assert _writes(small_company) == writes
    assert _files(small_company) == files
    echoed = small_company.state(*RAW)
    assert {table for table in raw if echoed[table] != raw[table]} <= {"raw_zendesk.users"}  # decision 0003

    small_company.braid("run")
    assert small_company.state(*BUILT) == built
    assert small_company.state(*RAW) == echoed
