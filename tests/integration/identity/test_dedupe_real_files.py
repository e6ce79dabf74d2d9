"""`braid identity dedupe` end to end on the sandbox retailer's people, exported as people really export them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from identity.cli import app
from identity.columns import one_array
from identity.evaluation import Quality, evaluate
from identity.pipeline import resolve
from identity.recognise import recognise
from identity.settings import IdentitySettings
from identity.tables.reading import read_table
from identity.tables.writing import write_table
from sandbox.generator import generate
from sandbox.records import identity_records, truth

GERMAN = {
    "native_id": "Kundennummer",
    "given_name": "Vorname",
    "family_name": "Name",
    "full_name": "Anzeigename",
    "emails": "E-Mail",
    "phones": "Telefon",
    "street": "Straße und Hausnummer",
    "city": "Ort",
    "postcode": "PLZ",
    "country": "Land",
    "birth_date": "Geburtsdatum",
}
KEYS = ("record_id", "source", "entity", "native_id")


@pytest.fixture(scope="module")
def people() -> pa.Table:
    """Records of the sandbox with who they are (`person_id`)."""
    world = generate(people=300, seed=5)
    records, known = identity_records(world).sort_by("record_id"), truth(world)
    place = pc.index_in(one_array(records["record_id"]), one_array(known["record_id"]))
    return records.append_column("person_id", known["person_id"].take(place))


def _run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, ["dedupe", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def _flat(people: pa.Table, names: dict[str, str], written: str) -> pa.Table:
    """Some columns under other names, lists joined by semicolons, days as people write them."""
    columns = {}
    for field, name in names.items():
        column = people[field]
        if pa.types.is_list(column.type):
            column = pc.binary_join(column, "; ")
        elif pa.types.is_date(column.type):
            column = pc.strftime(column, format=written)
        columns[name] = column
    return pa.table(columns)


def _quality(clusters: pa.Table, ids: pa.ChunkedArray, persons: pa.ChunkedArray) -> Quality:
    return evaluate(
        pa.table({"record_id": ids, "customer_id": clusters["customer_id"]}),
        pa.table({"record_id": ids, "person_id": persons}),
    )


def test_a_german_spreadsheet_export_is_understood(tmp_path: Path, people: pa.Table) -> None:
    table = _flat(people.set_column(3, "native_id", people["record_id"]), GERMAN, "%d.%m.%Y")
    text = pa.BufferOutputStream()
    pacsv.write_csv(table, text, pacsv.WriteOptions(delimiter=";"))
    source, out = tmp_path / "Kunden Export.csv", tmp_path / "clusters.jsonl"
    source.write_bytes(text.getvalue().to_pybytes().decode().encode("utf-16"))
    said = _run(source, "--out", out, "--default-region", "US")
    assert "'Kundennummer'" in said
    assert "day before month" in said
    clusters = read_table(out).table
    assert clusters["Kundennummer"].to_pylist() == people["record_id"].to_pylist()
    # What the export leaves out (handles, keys of other systems) is lost; nothing else may be.
    exported = people.select([name for name in people.column_names if name in {*GERMAN, *KEYS}])
    direct = resolve(
        exported,
        previous=None,
        ledger=None,
        run_id="direct",
        now=datetime(2026, 11, 1, tzinfo=UTC),
        settings=IdentitySettings(),
    ).record_customers.sort_by("record_id")
    best = _quality(direct, people["record_id"], people["person_id"])
    quality = _quality(clusters, people["record_id"], people["person_id"])
    assert quality.precision >= best.precision - 0.01
    assert quality.recall >= best.recall - 0.02


def test_every_source_in_a_file_of_its_own_is_linked(tmp_path: Path, people: pa.Table) -> None:
    sources = sorted(set(people["source"].to_pylist()))
    files = []
    for place, source in enumerate(sources):
        some = people.filter(pc.equal(people["source"], source)).drop_columns(["source", "entity", "record_id"])
        suffix = (".parquet", ".jsonl")[place % 2]
        # Ids of two files overlap: each counts from 1.
        some = some.set_column(0, "id", pa.array(range(1, some.num_rows + 1)).cast(pa.string()))
        files.append(tmp_path / f"{source}{suffix}")
        write_table(some, files[-1])
    out, report = tmp_path / "clusters.parquet", tmp_path / "report.html"
    arguments = [*files, "--truth-column", "person_id", "--out", out]
    said = _run(*arguments, "--report", report, "--model", tmp_path / "model.json")
    found = re.search(r"pairs │ ([\d.]+) │ ([\d.]+)", said)
    assert found is not None
    assert float(found[1]) > 0.97
    assert float(found[2]) > 0.9
    clusters = pq.read_table(out)
    assert set(clusters["source"].to_pylist()) == set(sources)
    assert clusters.num_rows == people.num_rows
    shown = report.read_text()
    names = {name for name in people["family_name"].drop_null().to_pylist() if len(name) > 5}
    assert [name for name in names if f">{name}<" in shown] == []
    _run(*arguments[:-1], tmp_path / "again.parquet", "--with-model", tmp_path / "model.json")
    again = pq.read_table(tmp_path / "again.parquet")
    assert again["customer_id"].to_pylist() == clusters["customer_id"].to_pylist()


def test_the_order_of_rows_changes_nothing(tmp_path: Path, people: pa.Table) -> None:
    some = people.slice(0, 200)
    turned = some.take(list(reversed(range(some.num_rows))))
    found = []
    for name, table in (("one", some), ("other", turned)):
        write_table(table, tmp_path / f"{name}.parquet")
        _run(tmp_path / f"{name}.parquet", "--id-column", "record_id", "--out", tmp_path / f"{name}_out.parquet")
        clusters = pq.read_table(tmp_path / f"{name}_out.parquet")
        assert clusters["record_id"].to_pylist() == table["record_id"].to_pylist()
        found.append(dict(zip(clusters["record_id"].to_pylist(), clusters["customer_id"].to_pylist(), strict=True)))
    assert found[0] == found[1]


def test_what_is_recognised_is_what_was_exported(people: pa.Table) -> None:
    table = _flat(people, GERMAN, "%d/%m/%Y")
    found = recognise(table.drop_columns(["Kundennummer"]))
    for field in ("given_name", "family_name", "emails", "phones", "city", "postcode", "country", "birth_date"):
        ours, theirs = one_array(found.records[field]), one_array(people[field])
        same = pc.mean(pc.equal(_plain(ours), _plain(theirs))).as_py()
        assert same >= 0.98, field


def _plain(column: pa.Array) -> pa.Array:
    if pa.types.is_list(column.type):
        column = pc.binary_join(column, ";")
    return pc.fill_null(pc.utf8_trim_whitespace(column.cast(pa.string())), "")


_CELL = st.one_of(
    st.none(), st.text(max_size=8), st.sampled_from(["Ada Lovelace", "ada@x.org", "+1 212 736 5000", "1/2/90"])
)
_HEADERS = st.lists(
    st.sampled_from(["name", "e-mail", "phone", "dob", "address", "zip", "Vorname", "x", "username"]),
    min_size=1,
    max_size=4,
    unique=True,
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_table_of_people_comes_back_row_by_row(tmp_path: Path, data: st.DataObject) -> None:
    rows = data.draw(st.integers(2, 10))
    columns = {
        header: pa.array(data.draw(st.lists(_CELL, min_size=rows, max_size=rows)), pa.string())
        for header in data.draw(_HEADERS)
    }
    table = pa.table(
        {"id": [f"r{row}" for row in range(rows)], "surname": [f"Name{row}" for row in range(rows)], **columns}
    )
    source, out = tmp_path / "people.parquet", tmp_path / "clusters.parquet"
    pq.write_table(table, source)
    _run(source, "--out", out, "--report", tmp_path / "report.html")
    clusters = pq.read_table(out)
    assert clusters["id"].to_pylist() == table["id"].to_pylist()
    assert clusters["customer_id"].null_count == 0
