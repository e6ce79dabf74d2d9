"""`braid identity dedupe` on files of both kinds, and its errors."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from identity.cli import app

PEOPLE = pa.table(
    {
        "key": ["1", "2", "3", "4"],
        "first_name": ["Ada", "Charles", "ADA", "Mary"],
        "last_name": ["Lovelace", "Babbage", "Lovelace", "Somerville"],
        "email": ["ada@analytical.org", "charles@engine.org", "Ada@Analytical.org", None],
        "who": ["a", "c", "a", "m"],
    }
)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_table_is_deduplicated(tmp_path: Path, suffix: str) -> None:
    source, out = tmp_path / f"people{suffix}", tmp_path / f"clusters{suffix}"
    if suffix == ".csv":
        pacsv.write_csv(PEOPLE, source)
    else:
        pq.write_table(PEOPLE, source)
    result = CliRunner().invoke(
        app, ["dedupe", str(source), "--id-column", "key", "--out", str(out), "--truth-column", "who"]
    )
    assert result.exit_code == 0, result.output
    assert "precision" in result.output
    clusters = pacsv.read_csv(out) if suffix == ".csv" else pq.read_table(out)
    assert clusters.column_names == ["key", "customer_id", "cluster_confidence"]
    customers = dict(zip(map(str, clusters["key"].to_pylist()), clusters["customer_id"].to_pylist(), strict=True))
    assert customers["1"] == customers["3"]
    assert len(set(customers.values())) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.csv"], "there is no file"),
        (["people.parquet", "--id-column", "nope"], "there is no column 'nope'"),
        (["people.parquet", "--id-column", "key", "--truth-column", "nope"], "there is no column 'nope'"),
        (["people.parquet", "--id-column", "key", "--out", "clusters.xlsx"], "neither .csv nor .parquet"),
        (["people.parquet", "--id-column", "key", "--column", "who"], "must be name=field"),
        (["people.txt", "--id-column", "key"], "neither .csv nor .parquet"),
    ],
)
def test_an_error_names_what_was_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    pq.write_table(PEOPLE, "people.parquet")
    Path("people.txt").write_text("hello")
    result = CliRunner().invoke(app, ["dedupe", *arguments])
    assert result.exit_code == 1
    assert message in " ".join(result.output.split())
