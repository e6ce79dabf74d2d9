"""Columns are recognised by name, whatever the habits of who named them."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from identity.recognise import UnrecognisedTable, parse_date, recognise, recognise_columns


def test_columns_of_many_habits_are_recognised() -> None:
    columns = ["firstName", "Last Name", "E-Mail", "mobile_phone", "DOB", "zip", "address_1", "Maiden Name", "ssn", "x"]
    found = recognise_columns(columns, set())
    assert {column: field for field, names in found.items() for column in names} == {
        "firstName": "given_name",
        "Last Name": "family_name",
        "E-Mail": "emails",
        "mobile_phone": "phones",
        "DOB": "birth_date",
        "zip": "postcode",
        "address_1": "street",
        "Maiden Name": "former_family_names",
        "ssn": "national_id",
    }


def test_a_table_becomes_records() -> None:
    table = pa.table(
        {
            "id": [1, 2],
            "first_name": ["Ada", None],
            "middle_name": ["Augusta", None],
            "street_number": ["12", None],
            "address_1": ["Main St", None],
            "email": ["a@x.org; b@x.org", "nan"],
            "dob": ["31/12/1815", "1815-00-10"],
        }
    )
    rows = recognise(table, "id").records.to_pylist()
    assert rows[0]["given_name"] == "Ada Augusta"
    assert rows[0]["street"] == "12 Main St"
    assert rows[0]["emails"] == ["a@x.org", "b@x.org"]
    assert rows[0]["birth_date"] == date(1815, 12, 31)
    assert [rows[1][name] for name in ("given_name", "street", "emails", "birth_date")] == [None, None, None, None]
    assert [row["record_id"] for row in rows] == ["1", "2"]


def test_the_truth_is_left_alone_and_overrides_are_obeyed() -> None:
    table = pa.table({"id": ["1"], "name": ["Ada"], "rufname": ["Ada"]})
    found = recognise(table, "id", ignored={"name"}, overrides={"rufname": "given_name"})
    assert found.mapping == {"given_name": ["rufname"]}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pa.table({"id": ["1", "1"], "name": ["a", "b"]}), "repeats values"),
        (pa.table({"id": ["1", None], "name": ["a", "b"]}), "empty in 1 rows"),
        (pa.table({"key": ["1"], "name": ["a"]}), "no column 'id'"),
        (pa.table({"id": ["1"], "blob": ["a"]}), "rename them"),
    ],
)
def test_a_table_that_cannot_be_read_says_what_to_do(table: pa.Table, message: str) -> None:
    with pytest.raises(UnrecognisedTable, match=message):
        recognise(table, "id")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1990-02-03", date(1990, 2, 3)),
        ("03.02.1990", date(1990, 2, 3)),
        ("12/25/1990", date(1990, 12, 25)),
        ("19900203", date(1990, 2, 3)),
        ("1990-13-01", None),
        ("soon", None),
    ],
)
def test_dates_in_the_usual_notations(text: str, day: date | None) -> None:
    assert parse_date(text) == day
