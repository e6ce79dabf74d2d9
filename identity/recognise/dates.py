"""Days in any notation, where the column as a whole decides what a single value leaves open."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final, Literal

import pyarrow as pa
import pyarrow.compute as pc
from anyascii import anyascii

from identity.columns import each_distinct

Order = Literal["day first", "month first"]

_MONTHS: Final = (
    "january januar jaenner janner janvier enero gennaio januari janeiro",
    "february februar feber fevrier febrero febbraio februari fevereiro",
    "march marz maerz mars marzo maart marco mrz mrt",
    "april avril abril aprile",
    "may mai mayo maggio mei maio",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho",
    "august aout agosto augustus",
    "september septembre septiembre setiembre settembre setembro",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember decembre diciembre dicembre dezembro",
)
_MONTH_OF: Final = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}
_TIME: Final = re.compile(r"[T ]+\d{1,2}[:.]\d{2}.*$")
_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/. ]{1,2}(\d{1,2})[-/. ]{1,2}(\d{1,2})")
_YEAR_LAST: Final = re.compile(r"(\d{1,2})[-/. ]{1,2}(\d{1,2})[-/. ]{1,2}(\d{4}|\d{2})")
_DAY_NAME_YEAR: Final = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|o)?[-. /]*(?:de |of )?([a-z]{3,})[-. /,]*(?:de )?(\d{4}|\d{2})"
)
_NAME_DAY_YEAR: Final = re.compile(r"([a-z]{3,})[-. /]*(\d{1,2})(?:st|nd|rd|th)?[-. /,]+(\d{4})")
_YEAR_NAME_DAY: Final = re.compile(r"(\d{4})[-. /]*([a-z]{3,})[-. /]*(\d{1,2})")
_WEEKDAY: Final = re.compile(r"^[a-z]{2,10}\.?,\s*(?=\d|[a-z])")
_BOTH_WAYS: Final = r"^\s*(\d{1,2})[-/. ]{1,2}(\d{1,2})[-/. ]{1,2}(\d{4}|\d{2})\b"
_SPREADSHEET_DAY_0: Final = date(1899, 12, 30)
_LATEST_YEAR: Final = 2100
# Nobody writes a birth of the 1920s with two digits more often than one of the 2020s' first years, soon.
_TWO_DIGITS_UP_TO: Final = 29
_MONTH_FIRST_REGIONS: Final = frozenset({"US", "PH", "PR", "GU", "FM", "MH", "PW"})


def read_days(values: pa.Array, region: str) -> tuple[pa.Array, str | None]:
    """Days of a column of texts, null where there is none; and how its order of day and month was decided.

    `03/04/1990` alone may be March or April. A part above 12 is a day: when the column's telling values all say the
    same, so do the others; when none tells, a dot means day first, else `region` (two letters) decides.
    """
    order, why = order_of(values, region)
    serial = _are_spreadsheet_days(values)
    return each_distinct(values, lambda text: read_day(text, order, serial=serial), pa.date32()), why


def order_of(values: pa.Array, region: str) -> tuple[Order, str | None]:
    """Which of day and month comes first in a column, and why; no reason when no value leaves it open."""
    open_ones = values.filter(pc.fill_null(pc.match_substring_regex(values, _BOTH_WAYS), False))
    if not len(open_ones):
        return "day first", None
    first = _number(open_ones, r"^\s*(?P<n>\d{1,2})")
    second = _number(open_ones, r"^\s*\d{1,2}[-/. ]{1,2}(?P<n>\d{1,2})")
    days_first = pc.sum(pc.greater(first, 12)).as_py() or 0
    months_first = pc.sum(pc.greater(second, 12)).as_py() or 0
    if days_first > months_first:
        return "day first", f"day before month, as {days_first} values can only be read"
    if months_first > days_first:
        return "month first", f"month before day, as {months_first} values can only be read"
    dotted = pc.mean(pc.match_substring_regex(open_ones, r"^\s*\d{1,2}\. ?\d{1,2}\.")).as_py() or 0.0
    if dotted >= 0.5:
        return "day first", "day before month, as is usual with dots; no value tells"
    order: Order = "month first" if region in _MONTH_FIRST_REGIONS else "day first"
    return order, f"{order.replace(' first', '')} first, as in region {region}; no value tells"


def _number(values: pa.Array, pattern: str) -> pa.Array:
    return pc.struct_field(pc.extract_regex(values, pattern), "n").cast(pa.int32())


def _are_spreadsheet_days(values: pa.Array) -> bool:
    there = values.drop_null()
    return bool(len(there)) and bool((pc.mean(pc.match_substring_regex(there, r"^\d{5}$")).as_py() or 0.0) >= 0.8)


def read_day(text: str, order: Order = "day first", *, serial: bool = False) -> date | None:
    """One day as written; null when it is none.

    Args:
        text: numbers in any order, month names in seven languages, with or without a time.
        order: what `03/04/1990` means.
        serial: whether five digits count days since 1900, as spreadsheets do.
    """
    plain = _TIME.sub("", text.strip())
    if found := _YEAR_FIRST.fullmatch(plain):
        return _day(*(int(part) for part in found.groups()))
    if found := _YEAR_LAST.fullmatch(plain):
        return _ordered(int(found[1]), int(found[2]), _year(found[3]), order)
    if plain.isascii() and plain.isdigit():
        return _digits(plain, order, serial=serial)
    return _with_month_name(anyascii(plain).lower())


def read_format(text: str, written: str) -> date | None:
    """One day in a given format (`%d/%m/%Y`); null when it is none."""
    try:
        return datetime.strptime(text, written).date()  # noqa: DTZ007  (a day has no time zone)
    except ValueError:
        return None


def _digits(plain: str, order: Order, *, serial: bool) -> date | None:
    if len(plain) == 8:
        written = _day(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
        if written and written.year > 1300:
            return written
        return _ordered(int(plain[:2]), int(plain[2:4]), int(plain[4:]), order)
    if serial and len(plain) == 5:
        return _SPREADSHEET_DAY_0 + timedelta(days=int(plain))
    return None


def _ordered(first: int, second: int, year: int, order: Order) -> date | None:
    """A part above 12 is the day, whatever the rest of the column does."""
    if first > 12 or (second <= 12 and order == "day first"):
        return _day(year, second, first)
    return _day(year, first, second)


def _with_month_name(plain: str) -> date | None:
    plain = _WEEKDAY.sub("", plain)
    if found := _DAY_NAME_YEAR.fullmatch(plain):
        return _day(_year(found[3]), _month(found[2]), int(found[1]))
    if found := _NAME_DAY_YEAR.fullmatch(plain):
        return _day(_year(found[3]), _month(found[1]), int(found[2]))
    if found := _YEAR_NAME_DAY.fullmatch(plain):
        return _day(int(found[1]), _month(found[2]), int(found[3]))
    return None


def _month(word: str) -> int:
    """The number of a month by its name or the beginning of it; 0 when it is none or more than one."""
    numbers = {number for name, number in _MONTH_OF.items() if name.startswith(word)}
    return numbers.pop() if len(numbers) == 1 else 0


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return 2000 + year if year <= _TWO_DIGITS_UP_TO else 1900 + year


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year <= _LATEST_YEAR else None
    except ValueError:
        return None
