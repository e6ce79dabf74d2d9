"""An address in one column is taken apart, as half the world writes it."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.recognise import recognise
from identity.recognise.addresses import split_address


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("12 Main St, Springfield, IL 62704, USA", ("12 Main St", "Springfield", "IL", "62704", "US")),
        (
            "12 Main St, Apt 4, Springfield IL 62704-1234",
            ("12 Main St, Apt 4", "Springfield", "IL", "62704-1234", None),
        ),
        ("1234 NW 5th Ave, Portland, OR 97209", ("1234 NW 5th Ave", "Portland", "OR", "97209", None)),
        ("Hauptstr. 5, 10115 Berlin", ("Hauptstr. 5", "Berlin", None, "10115", None)),
        ("Hauptstr. 5, D-10115 Berlin, Deutschland", ("Hauptstr. 5", "Berlin", None, "10115", "DE")),
        ("Hauptstr. 5 10115 Berlin", ("Hauptstr. 5", "Berlin", None, "10115", None)),
        ("12 rue de la Paix\n75002 Paris\nFrance", ("12 rue de la Paix", "Paris", None, "75002", "FR")),
        ("Keizersgracht 1, 1015 CN Amsterdam", ("Keizersgracht 1", "Amsterdam", None, "1015 CN", None)),
        ("Rua Augusta 5, 1000-001 Lisboa", ("Rua Augusta 5", "Lisboa", None, "1000-001", None)),
        ("10 Downing Street, London SW1A 2AA", ("10 Downing Street", "London", None, "SW1A 2AA", None)),
        ("5 King St, Toronto, ON M5V 2T6, Canada", ("5 King St", "Toronto", "ON", "M5V 2T6", "CA")),
        ("1 George St, Sydney NSW 2000", ("1 George St", "Sydney", "NSW", "2000", None)),
        ("12 Main St, Springfield", ("12 Main St", "Springfield", None, None, None)),
        ("12 Main St", ("12 Main St", None, None, None, None)),
        ("", (None, None, None, None, None)),
    ],
)
def test_addresses_are_taken_apart(text: str, parts: tuple[str | None, ...]) -> None:
    assert tuple(vars(split_address(text)).values()) == parts


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    found = vars(split_address(text))
    assert all(part is None or part.strip() for part in found.values())


def test_a_column_of_addresses_is_whole_or_a_street_line() -> None:
    whole = pa.table({"id": ["1", "2"], "address": ["12 Main St, Ely, MN 55731", "3 Elm St, Ely, MN 55731"]})
    row = recognise(whole, "id").records.to_pylist()[0]
    assert (row["street"], row["city"], row["region"], row["postcode"]) == ("12 Main St", "Ely", "MN", "55731")
    line = pa.table({"id": ["1", "2"], "address": ["12 Main St", "3 Elm St"], "zip": ["55731", "55731"]})
    found = recognise(line, "id")
    assert found.mapping == {"street": ["address"], "postcode": ["zip"]}
    assert found.records["street"].to_pylist() == ["12 Main St", "3 Elm St"]
