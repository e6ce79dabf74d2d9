"""Files are read as they come, or refused with the row that is wrong; never with what it holds."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity.tables.errors import UnreadableTable
from identity.tables.reading import read_table
from identity.tables.writing import write_table

ROWS = [["id", "name", "note"], ["1", "Ada Lovelace", 'said "yes"\nand left'], ["2", "Zoë; Núñez", ""]]
READ = [
    {"id": "1", "name": "Ada Lovelace", "note": 'said "yes"\nand left'},
    {"id": "2", "name": "Zoë; Núñez", "note": None},
]


def _csv(delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(ROWS)
    return text.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_csv_of_any_separator_and_encoding(tmp_path: Path, delimiter: str, encoding: str) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(_csv(delimiter).encode(encoding))
    assert read_table(path).table.to_pylist() == READ


def test_what_was_assumed_is_said(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(_csv(";").encode("latin-1"))
    said = " ".join(read_table(path).notices)
    assert "not UTF-8" in said
    assert "semicolons" in said


def test_windows_line_ends_huge_fields_and_named_separators(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    huge = "x" * 20_000_000
    path.write_bytes(f'id/name\r\n1/"{huge}"\r\n'.encode())
    assert read_table(path, delimiter="/").table["name"].to_pylist() == [huge]


def test_a_tab_separated_file_may_hold_more_commas_than_tabs(tmp_path: Path) -> None:
    path = tmp_path / "people.tsv"
    path.write_text("id\tname, first, last, title\n1\tLovelace, Ada\n")
    assert read_table(path).table.to_pylist() == [{"id": "1", "name, first, last, title": "Lovelace, Ada"}]


def test_columns_without_a_name_of_their_own_get_one(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("id,email,email,, name \n1,a@x.org,b@x.org,z,Ada\n")
    read = read_table(path)
    assert read.table.to_pylist() == [
        {"id": "1", "email": "a@x.org", "email_2": "b@x.org", "column_4": "z", "name": "Ada"}
    ]
    assert len(read.notices) == 3


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "is empty: 0 bytes"),
        ("a.csv", b"\n \n\n", "empty lines|no rows"),
        ("a.csv", b"id,name\n", "names of 2 columns and no rows"),
        ("a.csv", b"id,name\n1,Ada\n2,Secret,x\n3\n", r"2 rows do not have the 2 values.*row 3 has 3; row 4 has 1 \("),
        ("a.csv", b'id,name\n1,"Ada\n2,Secret\n3,x\n', r"quotation mark opens in row 2 .* never closed"),
        ("a.csv", b"1,secret@x.org\n2,b@x.org\n", "first line looks like a row of data"),
        ("a.parquet", b"PAR1 secret", "cannot be read as parquet"),
        ("a.jsonl", b'{"id": 1}\n{"id": 2, "name": "Secret\n', "JSON lines: line 2 is no JSON object"),
        ("a.jsonl", b"[1, 2]\n", "line 1 is no JSON object"),
        ("a.xlsx", b"PK", "is neither .csv"),
    ],
)
def test_a_file_that_is_no_table_says_where_and_shows_nothing(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableTable, match=message) as caught:
        read_table(path)
    assert "ecret" not in str(caught.value)


def test_the_wrong_encoding_is_an_error_not_nonsense(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(_csv(",").encode("latin-1"))
    with pytest.raises(UnreadableTable, match="not text in utf-8"):
        read_table(path, encoding="utf-8")
    with pytest.raises(UnreadableTable, match="not text in klingon"):
        read_table(path, encoding="klingon")


def test_json_lines_keep_dates_as_written_and_open_objects(tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    rows = [
        {"id": 1, "name": {"first": "Ada", "o\"d'd": {"x": 1}}, "mails": ["a@x.org", "b@x.org"], "dob": "03/04/1815"},
        {"id": "2", "name": None, "mails": "c@x.org", "dob": None, "ok": True},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    assert read_table(path).table.to_pylist() == [
        {
            "id": "1",
            "name.first": "Ada",
            "name.o\"d'd.x": "1",
            "mails": ["a@x.org", "b@x.org"],
            "dob": "03/04/1815",
            "ok": None,
        },
        {"id": "2", "name.first": None, "name.o\"d'd.x": None, "mails": ["c@x.org"], "dob": None, "ok": "true"},
    ]


_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.lists(st.tuples(_TEXT, _TEXT), min_size=1, max_size=8), st.sampled_from([".csv", ".jsonl", ".parquet"]))
def test_any_text_comes_back_in_the_order_it_went(tmp_path: Path, rows: list[tuple[str, str]], suffix: str) -> None:
    table = pa.table(
        {
            "id": [str(number) for number in range(len(rows))],
            "one": [one for one, _ in rows],
            "other": [other for _, other in rows],
        }
    )
    path = tmp_path / f"rows{suffix}"
    write_table(table, path)
    # An empty text in CSV is nothing; everything else is what it was.
    expected = [{key: value or None for key, value in row.items()} for row in table.to_pylist()]
    back = [{key: value or None for key, value in row.items()} for row in read_table(path).table.to_pylist()]
    assert back == expected


def test_only_known_suffixes_are_written(tmp_path: Path) -> None:
    with pytest.raises(UnreadableTable, match=r"neither \.csv nor \.parquet nor \.jsonl"):
        write_table(pa.table({"a": [1]}), tmp_path / "a.xlsx")
    write_table(pa.table({"a": [1]}), tmp_path / "new folder" / "it's.jsonl")
    assert (tmp_path / "new folder" / "it's.jsonl").read_text() == '{"a":1}\n'
    write_table(pa.table({"a": [1]}), tmp_path / "a.parquet")
    assert pq.read_table(tmp_path / "a.parquet").to_pylist() == [{"a": 1}]
