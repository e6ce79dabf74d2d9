"""Any table of people to the identity contract: columns recognised by their names, nothing by the file's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from identity.columns import each_distinct, one_array
from identity.contract import IDENTITY_RECORDS

_NAMES: Final[dict[str, str]] = {
    "given_name": r"(first|given|fore|christian|pre)_?names?|fname|first|given|vorname|prenom|nombre|gname",
    "middle_name": r"(middle|second|other)_?(given_?)?names?|middle_?initial|mname|zweiter_vorname",
    "family_name": r"(sur|last|family)_?names?|lname|last|family|nachname|familienname|nom|apellidos?",
    "former_family_names": r"(former|maiden|birth|previous|née|nee)_?((last|family|sur)_?)?names?|(sur|last)_?name_?2",
    "full_name": r"(full|display|complete|customer|contact|person)_?names?|name",
    "emails": r"(.*_)?e_?mails?(_?(address(es)?|\d+))?",
    "phones": r"(.*_)?(tele)?phones?(_?(number|no|\d+))*|(.*_)?(mobile|cell|tel|fax)(_?(number|no|\d+))*|msisdn",
    "handles": r"(.*_)?(handle|username|user_name|screen_name|login|nickname)s?",
    "national_id": r"ssn|(soc(ial)?_?sec(urity)?|national|tax|passport|insurance|nhs|licen[cs]e)(_?(id|no|number))*",
    "street_number": r"(street|house|building)_?(number|no|nr|num)|hausnummer",
    "street": r"street(_?(address|name))?|address(_?(line)?_?1)?|addr(_?1)?|strasse|road|street_1",
    "street_more": r"(address|addr)_?(line)?_?[234]|street_2|unit|suburb",
    "city": r"city|town|locality|municipality|ort|stadt|place",
    "region": r"state|province|county|region|bundesland",
    "postcode": r"(.*_)?(post_?code|postal_?code|zip(_?code)?|plz)(_.*)?",
    "country": r"country(_?code)?|land|nation",
    "birth_date": r"dob|(date_of_birth|birth_?date|birth_?day|geburtsdatum|born(_on)?)|d_o_b|bday",
    "birth_place": r"(place_of_birth|birth_?place|born_in|geburtsort)|birth_?city",
    "occupation": r"occupation|job(_?title)?|profession|beruf",
    "organisation": r"organi[sz]ation|company(_?name)?|employer|firma",
    "language": r"lang(uage)?|locale",
    "source": r"source(_?(dataset|system|name))?|system",
}
_DATE_FORMATS: Final = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
)
_EMPTY: Final = frozenset({"", "nan", "none", "null", "n/a", "na", "nat", "-", "?"})
_LISTS: Final = frozenset({"emails", "phones", "handles", "former_family_names"})


class UnrecognisedTable(ValueError):
    """The table has no id column, or no column that says anything about a person."""


@dataclass(frozen=True)
class RecognisedTable:
    """`records` per the identity contract; `mapping`: which input columns became which field, in input order."""

    records: pa.Table
    mapping: dict[str, list[str]]


def recognise_columns(columns: list[str], ignored: set[str]) -> dict[str, list[str]]:
    """Which columns hold which field: field name to columns, by the first pattern that the whole name fits."""
    found: dict[str, list[str]] = {}
    for column in columns:
        if column in ignored:
            continue
        plain = re.sub(r"[^a-z0-9é]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column).lower()).strip("_")
        for field, pattern in _NAMES.items():
            if re.fullmatch(pattern, plain):
                found.setdefault(field, []).append(column)
                break
    return found


def recognise(
    table: pa.Table, id_column: str, *, ignored: set[str] | None = None, overrides: Mapping[str, str] | None = None
) -> RecognisedTable:
    """Turn a table of people into records of the identity contract.

    Args:
        table: one row per record.
        id_column: the column that tells the rows apart.
        ignored: columns to leave alone (the truth, when there is one).
        overrides: column name to field name, for columns that are not recognised or recognised wrongly.

    Raises:
        UnrecognisedTable: if the id column is missing, empty or repeated, or no column is recognised.
    """
    if id_column not in table.column_names:
        raise UnrecognisedTable(f"there is no column {id_column!r}; the columns are {', '.join(table.column_names)}")
    ids = one_array(table[id_column]).cast(pa.string())
    if ids.null_count:
        raise UnrecognisedTable(f"column {id_column!r} is empty in {ids.null_count} rows; every row needs an id")
    overrides = dict(overrides or {})
    ignored = (ignored or set()) | {id_column} | set(overrides)
    mapping = recognise_columns(table.column_names, ignored)
    for column, field in overrides.items():
        mapping.setdefault(field, []).append(column)
    if not set(mapping) - {"source"}:
        raise UnrecognisedTable(
            f"no column of {', '.join(table.column_names)} is recognised as a name, e-mail, phone, address or birth "
            "date; rename them, for instance to first_name, last_name, email, phone, dob, postcode"
        )
    texts = {field: [_text(table[column]) for column in columns] for field, columns in mapping.items()}
    rows = table.num_rows
    source = texts["source"][0] if "source" in texts else pa.nulls(rows, pa.string())
    source = pc.fill_null(source, "table")
    record_id = pc.binary_join_element_wise(source, ids, ":person:") if "source" in texts else ids
    if pc.count_distinct(record_id).as_py() != rows:
        raise UnrecognisedTable(f"column {id_column!r} repeats values; every row needs an id of its own")
    fields: dict[str, pa.Array] = {
        "record_id": record_id,
        "source": source,
        "entity": pa.repeat("person", rows),
        "native_id": ids,
    }
    for field in IDENTITY_RECORDS.names[4:]:
        if field in _LISTS:
            fields[field] = _list_of(texts.get(field, []), rows)
        elif field == "birth_date":
            fields[field] = _first(texts.get(field, []), rows, parse_date, pa.date32())
        elif field in ("created_at", "updated_at", "external_ids"):
            continue
        else:
            fields[field] = _first(texts.get(field, []), rows, None, pa.string())
    fields["given_name"] = _joined([fields["given_name"], *texts.get("middle_name", [])])
    fields["street"] = _joined([*texts.get("street_number", []), fields["street"], *texts.get("street_more", [])])
    fields["external_ids"] = _list_of(
        [
            pc.binary_join_element_wise(column, text, ":")
            for column, text in zip(mapping.get("national_id", []), texts.get("national_id", []), strict=True)
        ],
        rows,
    )
    arrays = [
        fields[field.name].cast(field.type) if field.name in fields else pa.nulls(rows, field.type)
        for field in IDENTITY_RECORDS
    ]
    return RecognisedTable(pa.table(arrays, schema=IDENTITY_RECORDS), mapping)


def parse_date(text: str) -> date | None:
    """A day in the usual notations; null when it is none. Of 3/4 and 4/3 a part above 12 is the day, else the first."""
    parts = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    if parts:
        first, second, year = (int(part) for part in parts.groups())
        day, month = (second, first) if second > 12 else (first, second)
        return _date(year, month, day)
    for pattern in _DATE_FORMATS:
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007  (a day has no time zone)
        except ValueError:
            continue
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _text(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_list(column.type):
        column = pc.binary_join(column.cast(pa.list_(pa.string())), "; ")
    return each_distinct(
        one_array(column).cast(pa.string()),
        lambda text: None if text.strip().lower() in _EMPTY else text.strip(),
        pa.string(),
    )


def _first(columns: list[pa.Array], rows: int, parse: object, kind: pa.DataType) -> pa.Array:
    if not columns:
        return pa.nulls(rows, kind)
    text = pc.coalesce(*columns)
    return each_distinct(text, parse, kind) if callable(parse) else text


def _joined(columns: list[pa.Array]) -> pa.Array:
    # null_handling="skip" would drop the rows in which every part is null.
    joined = pc.binary_join_element_wise(*columns, " ", null_handling="replace", null_replacement="")
    joined = pc.utf8_trim_whitespace(pc.replace_substring_regex(joined, " +", " "))
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)


def _list_of(columns: list[pa.Array], rows: int) -> pa.Array:
    """Each row's values of several columns as one list; a cell that lists several is split at semicolons and bars."""
    if not columns:
        return pa.nulls(rows, pa.list_(pa.string()))
    joined = pc.binary_join_element_wise(*columns, ";", null_handling="replace", null_replacement="")
    return each_distinct(
        joined,
        lambda text: [part.strip() for part in re.split(r"[;|]", text) if part.strip()] or None,
        pa.list_(pa.string()),
    )
