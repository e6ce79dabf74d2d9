"""The SOQL that the Salesforce look-alike speaks."""

import pytest

from sandbox.vendors import clock
from sandbox.vendors.salesforce import soql

ROW = {"Id": "003A", "LastName": "O'Neil", "SystemModstamp": "2026-01-02T12:00:00.000+0000", "Age": 3, "Email": None}


def holds(where: str) -> bool:
    query = soql.parse(f"SELECT Id FROM Contact WHERE {where}")
    assert query.where is not None
    return query.where(lambda field: soql.comparable(ROW.get(field)))


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("SystemModstamp >= 2026-01-02T12:00:00Z", True),
        ("SystemModstamp > 2026-01-02T12:00:00Z", False),
        ("SystemModstamp >= 2026-01-02T13:00:00.000+01:00", True),
        ("SystemModstamp < 2026-01-03", True),
        ("LastName = 'o\\'neil'", True),
        ("LastName LIKE 'O%'", True),
        ("LastName LIKE 'O_'", False),
        ("Email = NULL", True),
        ("Email != null AND Age = 3", False),
        ("Email != null OR Age = 3", True),
        ("NOT (Age > 2 AND Age <= 3)", False),
        ("Id IN ('003B', '003A')", True),
        ("Id NOT IN ('003A')", False),
        ("Age > 'x'", False),
        ("SystemModstamp = 2026-01-02T12:00:00Z AND Id > '0039'", True),
    ],
)
def test_where(where: str, expected: bool) -> None:
    assert holds(where) is expected


def test_clauses() -> None:
    query = soql.parse(
        "select Id, Name from Lead where IsDeleted = false order by SystemModstamp desc, Id limit 5 offset 2"
    )
    assert query.fields == ("Id", "Name")
    assert [(sort.field, sort.descending) for sort in query.order] == [("SystemModstamp", True), ("Id", False)]
    assert (query.limit, query.offset) == (5, 2)
    assert query.named == ("IsDeleted", "SystemModstamp", "Id")


def test_count_has_no_fields() -> None:
    assert soql.parse("SELECT COUNT() FROM Contact").fields == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SELECT FROM Contact",
        "SELECT Id Contact",
        "SELECT Id FROM Contact WHERE",
        "SELECT Id FROM Contact WHERE Id ~ 1",
        "SELECT Id FROM Contact WHERE Id =",
        "SELECT Id FROM Contact LIMIT x",
        "SELECT Id FROM Contact ORDER SystemModstamp",
        "SELECT Id FROM Contact extra words",
        "SELECT Id FROM Contact WHERE Name = 'open",
    ],
)
def test_what_is_no_soql_is_malformed(text: str) -> None:
    with pytest.raises(soql.SoqlError) as caught:
        soql.parse(text)
    assert caught.value.code == "MALFORMED_QUERY"


def test_moments_of_different_offsets_compare_equal() -> None:
    assert clock.parse("2026-01-02T12:00:00.000+0000") == clock.parse("2026-01-02T13:00:00+01:00")
    assert clock.parse("2026-13-45") is None
