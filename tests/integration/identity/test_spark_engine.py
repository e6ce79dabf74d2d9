"""Spark gives what DuckDB gives: the same pairs, levels, model and customers; and nothing of it stays behind."""

from __future__ import annotations

import importlib.util
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from identity.contract import IDENTITY_RECORDS
from identity.engines.opening import IN_PROCESS
from identity.engines.protocol import Engine, EngineError
from identity.engines.spark_engine import open_spark
from identity.engines.spark_session import check_java
from identity.pipeline import Resolution, resolve
from identity.run import Found, find_clusters
from identity.settings import IdentitySettings
from identity.state import open_state
from sandbox.generator import generate
from tests.unit.identity.mention_world import with_mentions


def _missing() -> str | None:
    if importlib.util.find_spec("pyspark") is None:
        return "pyspark is not installed: pip install 'braid[spark]'"
    try:
        check_java()
    except EngineError as error:
        return str(error)
    return None


MISSING = _missing()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(MISSING is not None, reason=MISSING or ""),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas"),
]
# Blocks so small that many are left out, by each kind of rule.
SETTINGS = IdentitySettings(largest_block=6)


@pytest.fixture(scope="module")
def records() -> pa.Table:
    """Records of 100 people; one e-mail and one phone stand on many of them, and some wrote of others."""
    rows = with_mentions(generate(people=100, seed=11), own=0.3, others=0.1, seed=11).to_pylist()
    for number, row in enumerate(rows):
        if number % 9 == 0:
            row["emails"] = [*(row["emails"] or []), "front.desk@harbour-hotel.example"]
        if number % 13 == 0:
            row["phones"] = [*(row["phones"] or []), "+44 113 496 0999"]
            row["mentions"] = [
                *(row["mentions"] or []),
                "phone=0113 496 0999",
                "email=front.desk@harbour-hotel.example",
            ]
    return pa.Table.from_pylist(rows, schema=IDENTITY_RECORDS)


def _run(records: pa.Table, engine: Engine, known: Found | None = None) -> tuple[Found, dict[str, pa.Table]]:
    """What a run over all records finds, and the tables that it leaves; the model is learnt, or that of `known`."""
    with open_state() as state:
        found = find_clusters(
            state,
            records,
            known.frozen if known else None,
            SETTINGS,
            None,
            previous=None,
            published=None,
            revisit=None,
            progress=lambda _: None,
            engine=engine,
        )
        left = {
            table: state.connection.sql(f"select * from {table} order by all").to_arrow_table()
            for table in ("blocks", "vectors", "rarity", "components")
        }
        return found, left


def test_every_pair_level_and_cluster_is_that_of_duckdb(records: pa.Table) -> None:
    here, here_left = _run(records, IN_PROCESS)
    again, again_left = _run(records, IN_PROCESS, here)
    # All pairs go to Spark, also those that are too few to be worth it.
    with open_spark(fewest_pairs=0) as engine:
        there, there_left = _run(records, engine)
        # The model learnt here serves there.
        served, served_left = _run(records, engine, here)
        nobody, _ = _run(IDENTITY_RECORDS.empty_table(), engine)
    assert nobody.matched.labels.tolist() == []
    assert here_left["vectors"].num_rows > len(records)
    assert max(counted.values_left_out for counted in here.frozen.rules) > 0
    assert any(counted.rule.sought_by for counted in here.frozen.rules)
    assert (here_left["vectors"]["gamma_mention"].to_numpy() > 0).sum() > 10
    assert there.frozen.text == here.frozen.text
    for table in here_left:
        assert there_left[table].schema == here_left[table].schema
        assert there_left[table] == here_left[table], table
        assert served_left[table] == again_left[table], table
    for one in (again, there, served):
        assert one.matched.labels.tolist() == here.matched.labels.tolist()
        assert one.matched.scores.weight.tolist() == here.matched.scores.weight.tolist()


def _resolved(records: pa.Table, settings: IdentitySettings, model: str | None = None) -> Resolution:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return resolve(records, previous=None, ledger=None, run_id="1", now=now, settings=settings, model=model)


def test_a_run_on_spark_ends_quietly_with_the_same_customers_and_leaves_nothing(
    records: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    here = _resolved(records, SETTINGS)
    there = _resolved(records, SETTINGS.model_copy(update={"engine": "spark"}), here.model)
    assert there.model_id == here.model_id
    assert there.record_customers == here.record_customers
    assert there.edges == here.edges
    assert SparkSession.getActiveSession() is None
    assert SparkContext._gateway is None
    assert list(tmp_path.iterdir()) == []
    said = capfd.readouterr()
    assert "WARN" not in said.out + said.err
    assert "spark" not in (said.out + said.err).lower()
