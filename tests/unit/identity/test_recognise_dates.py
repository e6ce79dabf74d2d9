"""A day is read in every usual notation; the column decides what one value leaves open."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.recognise.dates import read_day, read_days


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1990-02-03", date(1990, 2, 3)),
        ("1990/2/3", date(1990, 2, 3)),
        ("19900203", date(1990, 2, 3)),
        ("25121990", date(1990, 12, 25)),
        ("03.02.1990", date(1990, 2, 3)),
        ("3. 2. 1990", date(1990, 2, 3)),
        ("12/25/1990", date(1990, 12, 25)),
        ("25/12/90", date(1990, 12, 25)),
        ("01/02/05", date(2005, 2, 1)),
        ("1990-02-03T00:00:00Z", date(1990, 2, 3)),
        ("03/02/1990 14:30", date(1990, 2, 3)),
        ("3 Feb 1990", date(1990, 2, 3)),
        ("Feb 3rd, 1990", date(1990, 2, 3)),
        ("Sat, 3 February 1990", date(1990, 2, 3)),
        ("3. Februar 1990", date(1990, 2, 3)),
        ("5. März 1990", date(1990, 3, 5)),
        ("1er août 1990", date(1990, 8, 1)),
        ("3 de febrero de 1990", date(1990, 2, 3)),
        ("3 gennaio 1990", date(1990, 1, 3)),
        ("3 mrt 1990", date(1990, 3, 3)),
        ("3 de março de 1990", date(1990, 3, 3)),
        ("03-FEB-90", date(1990, 2, 3)),
        ("1990-Feb-03", date(1990, 2, 3)),
        ("1990-13-01", None),
        ("30/02/1990", None),
        ("3 jui 1990", None),
        ("1990", None),
        ("soon", None),
        ("9999-12-31", None),
        ("32905", None),
    ],
)
def test_days_in_the_usual_notations(text: str, day: date | None) -> None:
    assert read_day(text) == day


@pytest.mark.parametrize(
    ("column", "region", "first"),
    [
        (["03/04/1990", "25/04/1990"], "US", date(1990, 4, 3)),
        (["03/04/1990", "04/25/1990"], "GB", date(1990, 3, 4)),
        (["03/04/1990", "05/06/1990"], "US", date(1990, 3, 4)),
        (["03/04/1990", "05/06/1990"], "GB", date(1990, 4, 3)),
        (["03.04.1990", "05.06.1990"], "US", date(1990, 4, 3)),
        (["03/04/1990", "25/04/1990", "26/04/1990", "04/25/1990"], "US", date(1990, 4, 3)),
    ],
)
def test_the_column_decides_whether_the_day_or_the_month_comes_first(
    column: list[str], region: str, first: date
) -> None:
    days, why = read_days(pa.array(column), region)
    assert days[0].as_py() == first
    assert why is not None


def test_days_of_a_spreadsheet_are_counted() -> None:
    days, _ = read_days(pa.array(["32905", "1", None, "10000"]), "US")
    assert days.to_pylist() == [None, None, None, None]
    days, _ = read_days(pa.array(["32905", "32906", None, "20000", "19999"]), "US")
    assert days.to_pylist()[0] == date(1990, 2, 1)


_DAYS = st.lists(st.dates(date(1930, 1, 1), date(2020, 12, 31)), min_size=1, max_size=20)


@given(_DAYS, st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d %B %Y", "%Y%m%d", "%B %d, %Y"]))
def test_a_column_written_one_way_is_read_back(days: list[date], written: str) -> None:
    telling = [date(1990, 5, 28), *days]
    read, _ = read_days(pa.array([day.strftime(written) for day in telling]), "US")
    assert read.to_pylist() == telling
