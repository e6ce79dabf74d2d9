"""Two engines, one answer: Spark's tasks ask what Splink asks, no model knows its engine, what is missing is said."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from identity.columns import conform
from identity.comparison_catalogue import EVERY_COMPARISON
from identity.contract import IDENTITY_RECORDS
from identity.engines.opening import open_engine
from identity.engines.protocol import EngineError
from identity.engines.spark_session import check_java, in_short, java_version, open_session
from identity.engines.spark_tasks import columns_compared, compare, comparison_query
from identity.feature_worker import build_features
from identity.pipeline import resolve
from identity.prepare import load_features
from identity.settings import IdentitySettings
from identity.vectors import VectorBuilder
from sandbox.generator import generate
from sandbox.records import identity_records


@pytest.fixture(scope="module")
def records() -> pa.Table:
    return conform(identity_records(generate(people=60, seed=3)), IDENTITY_RECORDS)


def test_a_task_reaches_the_levels_that_splink_reaches(records: pa.Table) -> None:
    with duckdb.connect() as connection:
        load_features(connection, build_features(records, "US").table)
        left, right = np.triu_indices(len(records), 1)
        pairs = pa.table({"rid_l": pa.array(left, pa.int32()), "rid_r": pa.array(right, pa.int32()), "kept": left * 2})
        connection.register("pairs", pairs)
        VectorBuilder(connection, EVERY_COMPARISON).build("pairs", "vectors", keep="kept")
        splink = connection.sql("select * from vectors order by rid_l, rid_r").to_arrow_table()
        columns = columns_compared(EVERY_COMPARISON)
        features = connection.sql(f"select rid, {', '.join(columns)} from features").to_arrow_table()
    task = compare(pairs, features, comparison_query(EVERY_COMPARISON, columns, "kept"))
    assert task.sort_by([("rid_l", "ascending"), ("rid_r", "ascending")]) == splink
    # Nothing is proven by levels that no pair reaches.
    reached = [len(splink[name].unique()) for name in splink.column_names[2:-1]]
    assert sum(reached) > 3 * len(EVERY_COMPARISON)


def test_a_model_serves_whichever_engine(records: pa.Table) -> None:
    on_spark, here = IdentitySettings(engine="spark"), IdentitySettings()
    assert on_spark.learns_as(here)
    assert not on_spark.learns_as(IdentitySettings(engine="spark", default_region="DE"))
    now = datetime(2026, 1, 1, tzinfo=UTC)
    learnt = resolve(records, previous=None, ledger=None, run_id="1", now=now, settings=here)
    assert "spark" not in learnt.model
    assert "engine" not in learnt.model


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime', 17),
        ('openjdk version "25" 2025-09-16 LTS', 25),
        ('java version "1.8.0_432"', 8),
        ("command failed", None),
    ],
)
def test_every_java_tells_its_version_in_its_own_way(said: str, version: int | None) -> None:
    assert java_version(said) == version


def test_no_java_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="install Java 17 or newer"):
        check_java()


def test_an_old_java_is_refused_by_its_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(EngineError, match="is Java 11: install Java 17 or newer"):
        check_java()


def test_no_pyspark_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(EngineError, match=r"pip install 'braid\[spark\]'"), open_session():
        pass


def test_spark_is_not_started_before_it_has_something_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with open_engine("spark"):
        pass


def test_what_spark_says_at_length_is_told_in_a_line() -> None:
    said = (
        "[PYTHON_EXCEPTION] An exception was thrown from the Python worker: Traceback (most recent call last):\n"
        '  File "worker.py", line 1, in main\n    fail()\nMemoryError: too much of it\n SQLSTATE: 38000\n'
        "\n\nJVM stacktrace:\norg.apache.spark.api.python.PythonException\n\tat org.apache.spark"
    )
    assert in_short(said) == "MemoryError: too much of it"
    assert in_short("") == "no message"


def test_what_spark_says_is_repeated_without_what_stands_in_quotes() -> None:
    said = in_short(
        "ConversionException: Could not convert string 'ann.lee@mailbox.example' to \"INT32\"\n  at somewhere"
    )
    assert said == "ConversionException: Could not convert string '…' to '…'"
