"""Features by several processes are those of one, and a process that fails quotes nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from identity import feature_worker
from identity.columns import conform
from identity.contract import IDENTITY_RECORDS
from identity.feature_worker import build_features
from identity.features import features_of_sorted
from sandbox.generator import generate
from sandbox.records import identity_records

RECORDS = conform(identity_records(generate(people=60, seed=5)), IDENTITY_RECORDS)


@pytest.fixture
def three_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_worker, "_FEWEST", 60)
    monkeypatch.setattr("os.cpu_count", lambda: 3)


@pytest.mark.usefixtures("three_processes")
def test_several_processes_make_what_one_makes() -> None:
    several = build_features(RECORDS, "US")
    one = features_of_sorted(RECORDS.sort_by("record_id"), "US")
    assert several.table.equals(one.table.combine_chunks())
    by_record = [("record_id", "ascending"), ("kind", "ascending"), ("raw_value", "ascending")]
    assert several.identifiers.sort_by(by_record).equals(one.identifiers.sort_by(by_record))


@pytest.mark.usefixtures("three_processes")
def test_a_process_that_fails_says_what_kind_of_error_and_quotes_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\ncat > /dev/null\necho 'ValueError: ann.lee@mailbox.example' >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(broken))
    with pytest.raises(RuntimeError, match=r"code 3 \(ValueError\)") as caught:
        build_features(RECORDS, "US")
    assert "ann.lee" not in str(caught.value)
