"""Which column holds which field, and why: from its name, checked against its values, or from its values alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from identity.recognise.addresses import is_whole
from identity.recognise.headers import UNKNOWN, promise_of, why_not_compared, words_of
from identity.recognise.values import (
    UnreadableColumn,
    Values,
    broken_promise,
    field_by_values,
    name_by_values,
    values_of,
)
from identity.standardise.name import given_name
from identity.standardise.words import words

UNKNOWN_ALL: Final = "neither its name nor its values say what it is"
_NAMES: Final[frozenset[str | None]] = frozenset({"full_name", "given_name", "family_name"})
ROW_ID: Final = "row_id"
"""What the column is taken for that tells the rows apart; it is no field of a person."""

# A column with one value on this many rows tells nobody apart; on fewer, that may be chance.
_CONSTANT_FROM: Final = 10
# One value for all is what these are for.
_MAY_BE_CONSTANT: Final = frozenset({"country", "language", "source"})
# A column of sources names few of them.
_MOST_SOURCES: Final = 100
# Words of this many letters say what the days of a column are of, but for those that say nothing.
_TELLING: Final = 4
_SAY_NOTHING: Final = words(
    "date datum fecha data column spalte colonne columna colonna kolom field feld unnamed value wert"
)


@dataclass(frozen=True)
class Column:
    """One column of the input: what it was taken for (null: not used), why, and how full it is.

    `filled` and `distinct` count rows and values; `values` are its cleaned ones; `prefix` names a platform or id space;
    `explicit` says that a person decided.
    """

    name: str
    field: str | None
    why: str
    filled: int = 0
    distinct: int = 0
    values: Values | None = None
    prefix: str | None = None
    explicit: bool = False

    def unused(self, why: str) -> Column:
        """The same column, left out."""
        return replace(self, field=None, why=why)


def read_columns(
    table: pa.Table,
    *,
    row_id: str | None,
    skipped: Mapping[str, str],
    decided: Mapping[str, tuple[str, str | None]],
    only_decided: str | None,
    region: str,
) -> list[Column]:
    """Every column of a table with the field it holds.

    Args:
        table: the people.
        row_id: the column that tells the rows apart, if one does.
        skipped: columns to leave alone, and why.
        decided: column to field and prefix, as a person has said.
        only_decided: when only `decided` counts, where that was said; else null.
        region: two letters, for phone numbers and days that do not say.
    """
    columns = []
    for name in table.column_names:
        if name == row_id:
            columns.append(Column(name, ROW_ID, "it tells the rows apart", table.num_rows, table.num_rows))
            continue
        if name in skipped:
            columns.append(Column(name, None, skipped[name]))
            continue
        try:
            values = values_of(table[name])
        except UnreadableColumn as error:
            columns.append(Column(name, None, str(error)))
            continue
        column = Column(name, None, "", values.filled, values.distinct, values)
        if name in decided:
            field, prefix = decided[name]
            columns.append(replace(column, field=field, prefix=prefix, why="you said so", explicit=True))
        elif only_decided is not None:
            columns.append(column.unused(f"{only_decided} does not name it"))
        else:
            columns.append(_judged(column, values, table.num_rows, region))
    settled = _settled(columns)
    if only_decided is None:
        settled = _with_a_name(settled)
    return _without_parts_of_a_whole(_one_birth_date(settled))


def _judged(column: Column, values: Values, rows: int, region: str) -> Column:
    """One column by its name and its values."""
    if not values.filled:
        return column.unused("it is empty")
    promise = promise_of(column.name)
    if promise.field is None and promise.why != UNKNOWN:
        return column.unused(promise.why)
    field, why = promise.field, promise.why
    broken = broken_promise(field, values) if field else None
    if field is None or broken:
        by_values = field_by_values(values, region)
        if by_values is None:
            return column.unused(broken or UNKNOWN_ALL)
        field, why = by_values
        if field == "birth_date" and not _may_be_a_birth(column.name):
            return column.unused("it holds days, and its name does not say that they are of birth")
    if values.distinct == 1 and rows >= _CONSTANT_FROM and field not in _MAY_BE_CONSTANT:
        return column.unused("it has one value for all")
    if field == "source" and values.distinct > _MOST_SOURCES:
        return column.unused(f"{values.distinct:,} values are too many to be names of systems")
    if field == "title":
        return _title(column, values, why)
    return replace(column, field=field, why=why)


def _may_be_a_birth(name: str) -> bool:
    """Whether a name leaves open what its days are of: `x17`, `date 2`; not `register date`."""
    return all(len(word) < _TELLING or word.isdigit() or word in _SAY_NOTHING for word in words_of(name))


def _title(column: Column, values: Values, why: str) -> Column:
    """`Dr.` is a form of address; `Head of Sales` is an occupation."""
    # What is nothing but titles leaves no given name.
    sample = values.sample()
    forms = sum(given_name(value) is None for value in sample)
    if 2 * forms >= len(sample) or values.distinct <= 12:
        return column.unused(why_not_compared("title"))
    return replace(column, field="occupation", why=why)


def _settled(columns: list[Column]) -> list[Column]:
    """What the columns decide together: which part of a name `Name` holds, whether an address is a whole one."""
    fields = {column.field for column in columns}
    settled = []
    for column in columns:
        if column.field == "name" and column.values is not None:
            settled.append(_name(column, column.values, columns))
        elif column.field == "street_more" and "city" not in fields and "suburb" in words_of(column.name):
            settled.append(replace(column, field="city", why="its name; no column is called a city"))
        elif column.field in ("address", "street") and not column.explicit and column.values is not None:
            whole = not {"postcode", "city"} & fields and _are_whole(column.values)
            field = "address" if whole else "street"
            why = f"{column.why}; its values hold postcode or city too" if whole else column.why
            settled.append(replace(column, field=field, why=why))
        else:
            settled.append(column)
    return settled


def _with_a_name(columns: list[Column]) -> list[Column]:
    """Where no column is named like a name, one whose values are names will do."""
    if _NAMES & {column.field for column in columns}:
        return columns
    found = []
    for column in columns:
        guessed = None
        if column.field is None and column.why == UNKNOWN_ALL and column.values is not None:
            guessed = name_by_values(column.values)
        found.append(replace(column, field=guessed[0], why=guessed[1]) if guessed else column)
    return found


def _are_whole(values: Values) -> bool:
    sample = values.sample()
    return 2 * sum(is_whole(value) for value in sample) >= len(sample)


def _name(column: Column, values: Values, columns: list[Column]) -> Column:
    """`Name` beside `Vorname` is a family name, `Nome` beside `Cognome` a given one; alone it is a whole name."""
    given = [other for other in columns if other.field == "given_name"]
    family = any(other.field == "family_name" for other in columns)
    if given and not family and not _contains(values, given[0]):
        return replace(column, field="family_name", why="its name, beside a column of given names")
    if family and not given:
        return replace(column, field="given_name", why="its name, beside a column of family names")
    several = values.share(r"\S\s+\S") >= 0.5
    if not given and not family and not several:
        if column.name.strip().lower() == "nom":
            return replace(column, field="family_name", why="its name; most values are one word")
        if column.name.strip().lower() in ("nombre", "nome"):
            return replace(column, field="given_name", why="its name; most values are one word")
    return replace(column, field="full_name", why="its name")


def _contains(values: Values, given: Column) -> bool:
    """Whether most values repeat the row's given name: whole names, beside their parts."""
    if values.is_list or given.values is None or given.values.is_list:
        return False
    whole, part = pc.utf8_lower(values.column), pc.utf8_lower(given.values.column)
    both = pa.table({"whole": whole, "part": part}).filter(pc.and_(pc.is_valid(whole), pc.is_valid(part)))
    if not both.num_rows:
        return False
    longer = pc.greater(pc.utf8_length(both["whole"]), pc.utf8_length(both["part"]))
    spaced = pc.match_substring(both["whole"], " ")
    return bool((pc.mean(pc.and_(longer, spaced)).as_py() or 0.0) >= 0.5)


def _one_birth_date(columns: list[Column]) -> list[Column]:
    """Of several columns that only look like births none can be told to be it."""
    named = [c for c in columns if c.field == "birth_date" and (c.explicit or c.why == "its name")]
    guessed = [c for c in columns if c.field == "birth_date" and c not in named]
    if not guessed or (len(guessed) == 1 and not named):
        return columns
    return [
        column.unused("it holds days, but cannot be told from the other columns that do: use --column")
        if column in guessed
        else column
        for column in columns
    ]


def _without_parts_of_a_whole(columns: list[Column]) -> list[Column]:
    """Year, month and day of birth are not needed beside the whole date."""
    if not any(column.field == "birth_date" for column in columns):
        return columns
    parts = {"birth_year", "birth_month", "birth_day"}
    return [
        column.unused("another column has the whole birth date") if column.field in parts else column
        for column in columns
    ]
