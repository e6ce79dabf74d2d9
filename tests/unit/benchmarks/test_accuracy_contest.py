"""The contest is fair and hides nothing: no truth reaches a contender, and one that fails is shown with its reason."""

from __future__ import annotations

import io
import itertools
import textwrap
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from benchmarks.accuracy import running
from benchmarks.accuracy.neutral import LabelledSet, NotLabelled, read_labelled
from benchmarks.accuracy.person_columns import blocking_keys, roles
from benchmarks.accuracy.report import print_against_peers, print_measures
from benchmarks.accuracy.running import Contender, Result, run

CONTENDER = Contender("made up", "made_up")


@pytest.fixture
def labelled(tmp_path: Path) -> LabelledSet:
    people = [f"person-{number // 2}" for number in range(40)]
    table = pa.table(
        {
            "unique_id": [f"{person}-copy-{number}" for number, person in enumerate(people)],
            "first_name": [f"name {number}" for number in range(40)],
            "cluster": people,
        }
    )
    path = tmp_path / "telling_name.parquet"
    pq.write_table(table.replace_schema_metadata({"origin": "telling_name"}), path)
    return read_labelled(path)


@pytest.fixture
def compete(tmp_path: Path, labelled: LabelledSet, monkeypatch: pytest.MonkeyPatch):
    """Run a contender whose `cluster` has the given body."""
    package = tmp_path / "root" / "benchmarks" / "accuracy"
    (package / "contenders").mkdir(parents=True)
    (package / "protocol.py").write_text((running.ROOT / "benchmarks/accuracy/protocol.py").read_text())
    monkeypatch.setattr(running, "ROOT", tmp_path / "root")

    def start(body: str, limit: float = 30.0) -> Result:
        head = "import os, time\nimport pyarrow as pa\nfrom benchmarks.accuracy.protocol import contend\n"
        code = f"{head}def cluster(people):\n{textwrap.indent(textwrap.dedent(body), '    ')}\ncontend(cluster)\n"
        (package / "contenders" / "made_up.py").write_text(code)
        return run(CONTENDER, labelled, tmp_path, limit)

    return start


def test_what_a_contender_gets_tells_neither_truth_nor_name(labelled: LabelledSet) -> None:
    assert labelled.people.column_names == ["unique_id", "first_name"]
    assert not labelled.people.schema.metadata
    assert "person" not in str(labelled.people.to_pydict())
    assert labelled.people["unique_id"].to_pylist() == [str(row) for row in range(40)]
    neighbours = labelled.truth["person_id"].to_pylist()
    assert sum(one == other for one, other in itertools.pairwise(neighbours)) < 10


def test_the_truth_follows_its_record(labelled: LabelledSet) -> None:
    names = labelled.people["first_name"].to_pylist()
    people = labelled.truth["person_id"].to_pylist()
    assert labelled.truth["record_id"].to_pylist() == labelled.people["unique_id"].to_pylist()
    for name, person in zip(names, people, strict=True):
        assert person == f"person-{int(name.split()[1]) // 2}"


@pytest.mark.parametrize("missing", ["unique_id", "cluster"])
def test_a_table_without_id_or_truth_is_refused_by_name(tmp_path: Path, missing: str) -> None:
    table = pa.table({"unique_id": ["1"], "cluster": ["a"], "city": ["x"]}).drop_columns([missing])
    pq.write_table(table, tmp_path / "short.parquet")
    with pytest.raises(NotLabelled, match=missing):
        read_labelled(tmp_path / "short.parquet")


def test_everyone_alone_is_measured(compete) -> None:
    result = compete('return pa.table({"unique_id": people["unique_id"], "cluster_id": people["unique_id"]})')
    assert result.failure is None
    assert result.quality is not None
    assert (result.quality.precision, result.quality.recall) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise ValueError('EM did not converge')", "EM did not converge"),
        ("os._exit(0)", "wrote no clusters"),
        ("os.abort()", "SIGABRT"),
        ("return people.slice(1).append_column('cluster_id', people['unique_id'].slice(1))", "39 of 40 records"),
        ("return pa.concat_tables([people, people]).rename_columns(['unique_id', 'cluster_id'])", "80 rows"),
        ("return people.append_column('cluster_id', pa.nulls(40, pa.string()))", "40 records without a cluster"),
    ],
)
def test_a_failure_is_a_result_with_its_reason(compete, body: str, reason: str) -> None:
    result = compete(body)
    assert result.quality is None
    assert reason in (result.failure or "")


def test_a_contender_that_takes_too_long_is_stopped(compete) -> None:
    result = compete("time.sleep(60)", limit=1.0)
    assert result.failure == "stopped after 1 s"
    assert result.seconds < 30


def test_a_contender_without_its_environment_is_shown_as_such(tmp_path: Path, labelled: LabelledSet) -> None:
    result = run(Contender("peer", "made_up", "nowhere"), labelled, tmp_path, 1.0)
    assert (result.failure or "").startswith("not installed")


def test_secrets_of_the_caller_do_not_reach_a_contender(compete, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "secret")
    result = compete("raise ValueError(f'key: {os.environ.get(\"SOME_API_KEY\")}')")
    assert result.failure == "ValueError: key: None"


def test_the_report_says_met_and_not_met_and_shows_who_failed(compete, labelled: LabelledSet) -> None:
    alone = compete('return pa.table({"unique_id": people["unique_id"], "cluster_id": people["unique_id"]})')
    right = compete(
        "numbers = [int(name.split()[1]) // 2 for name in people['first_name'].to_pylist()]\n"
        "return people.append_column('cluster_id', pa.array(numbers))"
    )
    failed = compete("raise ValueError('no blocking rule')")
    output = io.StringIO()
    console = Console(file=output, width=200)
    print_measures(console, labelled, [right, alone, failed])
    print_against_peers(console, {"fake_1000": [right, alone], "febrl3": [alone, right], "other": [right, failed]})
    lines = output.getvalue().splitlines()
    assert any("no blocking rule" in line for line in lines)
    assert "│ met" in next(line for line in lines if "fake_1000" in line)
    assert "NOT met" in next(line for line in lines if "febrl3" in line)
    assert "none finished" in next(line for line in lines if "│ other" in line)


def test_blocking_keys_use_only_columns_that_the_table_has() -> None:
    present = roles(["unique_id", "given_name", "surname", "dob"])
    assert present == {"first_name": "given_name", "surname": "surname", "dob": "dob"}
    keys = blocking_keys(present)
    assert {column for key in keys for column, _ in key} == {"given_name", "surname", "dob"}
    assert len(keys) >= 4
