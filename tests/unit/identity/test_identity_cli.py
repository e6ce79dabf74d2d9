"""`braid identity dedupe`: its options, what it says, and its errors."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from identity.cli import app
from identity.tables.reading import read_table
from identity.tables.writing import write_table

PEOPLE = pa.table(
    {
        "key": ["1", "2", "3", "4"],
        "first_name": ["Ada", "Charles", "ADA", "Mary"],
        "last_name": ["Lovelace", "Babbage", "Lovelace", "Somerville"],
        "email": ["ada@analytical.org", "charles@engine.org", "Ada@Analytical.org", None],
        "who": ["a", "c", "a", "m"],
    }
)


def _dedupe(*arguments: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["dedupe", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def _customers(path: Path, id_column: str) -> dict[str, str]:
    found = read_table(path).table
    return dict(zip(map(str, found[id_column].to_pylist()), found["customer_id"].to_pylist(), strict=True))


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_a_table_is_deduplicated(tmp_path: Path, suffix: str) -> None:
    source, out = tmp_path / f"people{suffix}", tmp_path / f"clusters{suffix}"
    write_table(PEOPLE, source)
    said = _dedupe(source, "--id-column", "key", "--out", out, "--truth-column", "who")
    assert "precision" in said
    assert "it says who is who" in said
    assert read_table(out).table.column_names == ["key", "customer_id", "cluster_confidence"]
    assert read_table(out).table["key"].to_pylist() == ["1", "2", "3", "4"]
    customers = _customers(out, "key")
    assert customers["1"] == customers["3"]
    assert len(set(customers.values())) == 3


def test_rows_are_numbered_when_nothing_tells_them_apart(tmp_path: Path) -> None:
    source, out = tmp_path / "people.csv", tmp_path / "clusters.parquet"
    pacsv.write_csv(PEOPLE.select(["first_name", "last_name", "email"]), source)
    assert "rows are numbered from 1" in _dedupe(source, "--out", out)
    assert pq.read_table(out)["row"].to_pylist() == [1, 2, 3, 4]


def test_one_row_is_one_customer(tmp_path: Path) -> None:
    source, out = tmp_path / "people.csv", tmp_path / "clusters.csv"
    source.write_text("name\nAda Lovelace\n")
    _dedupe(source, "--out", out, "--report", tmp_path / "report.html")
    assert len(_customers(out, "row")) == 1
    assert "Nothing could be compared" in (tmp_path / "report.html").read_text()


def test_several_files_are_linked_though_their_ids_overlap(tmp_path: Path) -> None:
    crm, shop, out = tmp_path / "crm.parquet", tmp_path / "Web Shop.csv", tmp_path / "clusters.csv"
    pq.write_table(PEOPLE.drop_columns(["who"]), crm)
    shop.write_text("id;Kunde;E-Mail\n1;Babbage, Charles;CHARLES@engine.org\n2;Grace Hopper;grace@navy.mil\n")
    _dedupe(crm, shop, "--out", out, "--edges", tmp_path / "edges.parquet")
    found = read_table(out).table
    assert found.column_names == ["record_id", "source", "native_id", "customer_id", "cluster_confidence"]
    assert found["source"].to_pylist() == ["crm"] * 4 + ["web_shop"] * 2
    customers = _customers(out, "record_id")
    assert customers["crm:person:2"] == customers["web_shop:person:1"]
    assert customers["crm:person:1"] == customers["crm:person:3"]
    assert len(set(customers.values())) == 4
    edges = pq.read_table(tmp_path / "edges.parquet").to_pylist()
    (edge,) = [edge for edge in edges if edge["record_id_b"] == "web_shop:person:1" and edge["accepted"]]
    assert edge["record_id_a"] == "crm:person:2"
    assert "same e-mail address +" in edge["why"]


def test_a_mapping_says_which_column_is_what_per_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("nr,c1,c2\n7,Ada Lovelace,ada@analytical.org\n8,Mary Somerville,m@s.org\n")
    (tmp_path / "b.csv").write_text("no,c1,c2\n7,ada@analytical.org,Lovelace Ada\n")
    (tmp_path / "mapping.yml").write_text(
        "files:\n"
        "  - {glob: a.csv, source: north, entity: member, id: nr, fields: {full_name: c1, emails: [c2]}}\n"
        "  - {glob: b.csv, source: south, id: 'no', fields: {full_name: c2, emails: [c1]}}\n"
    )
    out = tmp_path / "clusters.parquet"
    _dedupe(tmp_path / "a.csv", tmp_path / "b.csv", "--mapping", tmp_path / "mapping.yml", "--out", out)
    customers = _customers(out, "record_id")
    assert set(customers) == {"north:member:7", "north:member:8", "south:person:7"}
    assert customers["north:member:7"] == customers["south:person:7"]


def test_a_model_is_written_and_used_again(tmp_path: Path) -> None:
    source, model = tmp_path / "people.parquet", tmp_path / "models" / "model.json"
    pq.write_table(PEOPLE, source)
    _dedupe(source, "--out", tmp_path / "one.parquet", "--model", model)
    learnt = json.loads(model.read_text())
    learnt["threshold"] = 1000.0
    stricter = tmp_path / "stricter.json"
    stricter.write_text(json.dumps(learnt))
    _dedupe(source, "--out", tmp_path / "same.parquet", "--with-model", model)
    _dedupe(source, "--out", tmp_path / "none.parquet", "--with-model", stricter)
    assert _customers(tmp_path / "same.parquet", "key") == _customers(tmp_path / "one.parquet", "key")
    assert len(set(_customers(tmp_path / "none.parquet", "key").values())) == 4


def test_a_model_keeps_the_settings_that_it_was_learnt_with(tmp_path: Path) -> None:
    source, model = tmp_path / "people.parquet", tmp_path / "model.json"
    pq.write_table(PEOPLE, source)
    _dedupe(source, "--out", tmp_path / "one.parquet", "--model", model, "--default-region", "de")
    _dedupe(source, "--out", tmp_path / "two.parquet", "--with-model", model)
    again = (source, "--out", tmp_path / "three.parquet", "--with-model", model)
    assert "was learnt with DE" in _dedupe(*again, "--default-region", "FR", code=1)
    assert "was learnt without it" in _dedupe(*again, "--one-per-source", code=1)


def test_a_source_may_hold_a_person_once(tmp_path: Path) -> None:
    one, other, out = tmp_path / "one.parquet", tmp_path / "other.parquet", tmp_path / "clusters.parquet"
    pq.write_table(PEOPLE, one)
    pq.write_table(PEOPLE.slice(0, 1), other)
    _dedupe(one, other, "--out", out)
    free = _customers(out, "record_id")
    assert len({free["one:person:1"], free["one:person:3"], free["other:person:1"]}) == 1
    _dedupe(one, other, "--out", out, "--one-per-source")
    once = _customers(out, "record_id")
    assert once["one:person:1"] != once["one:person:3"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.csv"], "there is no file"),
        (["."], "is a folder"),
        (["people.parquet", "--id-column", "kye"], "there is no column 'kye'; did you mean 'key'?"),
        (["people.parquet", "--id-column", "last_name"], "repeats values: 1 ids stand on more than one row"),
        (["people.parquet", "--truth-column", "nope"], "there is no column 'nope'"),
        (["people.parquet", "--out", "clusters.xlsx"], "neither .csv nor .parquet"),
        (["people.parquet", "--out", "people.parquet"], "is an input already"),
        (["people.parquet", "--edges", "clusters.parquet"], "is an output already"),
        (["people.parquet", "--column", "who"], "must be name=field"),
        (["people.parquet", "--column", "nope=emails"], "there is no column 'nope'"),
        (["people.parquet", "--column", "who=email"], "did you mean 'emails'"),
        (["people.parquet", "--mapping", "nope.yml"], "there is no mapping file"),
        (["people.parquet", "--mapping", "mapping.yml"], "no entry of the mapping is for people.parquet"),
        (["people.parquet", "people.parquet"], "is given twice"),
        (["people.parquet", "--with-model", "people.txt"], "no model"),
        (["people.parquet", "--with-model", "nope.json"], "nope.json"),
        (["people.parquet", "--default-region", "Germany"], "default_region"),
        (["people.txt"], "neither .csv"),
    ],
)
def test_an_error_names_what_was_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    pq.write_table(PEOPLE, "people.parquet")
    Path("people.txt").write_text("hello")
    Path("mapping.yml").write_text("{glob: other.csv, fields: {emails: email}}")
    before = sorted(tmp_path.iterdir())
    said = _dedupe(*arguments, code=1)
    assert message in said
    assert "Traceback" not in said
    assert sorted(tmp_path.iterdir()) == before
