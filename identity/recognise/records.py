"""Columns with their fields, put together to records of the identity contract."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from identity.columns import each_distinct, one_array
from identity.contract import IDENTITY_RECORDS
from identity.recognise.addresses import Address, split_address
from identity.recognise.columns import Column
from identity.recognise.dates import read_days, read_format
from identity.recognise.headers import id_kind_of, platform_of
from identity.recognise.mapping_file import TableMapping
from identity.recognise.values import TEXTS, gathered, one_each, split_list

_LISTS: Final = ("emails", "phones", "handles", "former_family_names", "mentions")
_SEPARATORS: Final = {"emails": ";|\n,", "phones": ";|\n,"}
_IN_BRACKETS: Final = re.compile(r"<([^<>\s]+@[^<>\s]+)>")
_ADDRESS: Final = pa.struct([(name, pa.string()) for name in Address.__dataclass_fields__])
# An id of fewer signs, or of one sign over and over, is what people type to get past a form.
_SHORTEST_ID: Final = 4


def fields_of(
    columns: list[Column], rows: int, region: str, mapping: TableMapping | None
) -> tuple[dict[str, pa.Array], list[str]]:
    """The fields of the contract that the columns hold, and what was decided on the way."""
    by_field: dict[str, list[Column]] = {}
    for column in columns:
        if column.field is not None:
            by_field.setdefault(column.field, []).append(column)
    fields: dict[str, pa.Array] = {}
    for name in IDENTITY_RECORDS.names[4:]:
        if name in _LISTS:
            fields[name] = _list_of(by_field.get(name, []), rows, name)
        elif name not in ("birth_date", "external_ids", "created_at", "updated_at"):
            constant = mapping.constant(name) if mapping else None
            fields[name] = _first(by_field.get(name, []), rows) if constant is None else pa.repeat(constant, rows)
    fields["birth_date"], notices = _birth_dates(by_field, rows, region, mapping)
    fields["external_ids"] = _ids(by_field, rows)
    _take_addresses_apart(by_field, fields, rows)
    fields["given_name"] = _joined([fields["given_name"], *_texts(by_field, "middle_name")])
    fields["family_name"] = _joined(
        [*_texts(by_field, "family_prefix"), fields["family_name"], *_texts(by_field, "second_family_name")]
    )
    fields["street"] = _joined([*_texts(by_field, "street_number"), fields["street"], *_texts(by_field, "street_more")])
    return fields, notices


def _take_addresses_apart(by_field: dict[str, list[Column]], fields: dict[str, pa.Array], rows: int) -> None:
    if "address" not in by_field:
        return
    whole = _first(by_field["address"], rows)
    parts = each_distinct(whole, lambda text: vars(split_address(text)), _ADDRESS)
    for name in Address.__dataclass_fields__:
        fields[name] = pc.coalesce(fields[name], pc.struct_field(parts, name))


def _birth_dates(
    by_field: dict[str, list[Column]], rows: int, region: str, mapping: TableMapping | None
) -> tuple[pa.Array, list[str]]:
    """The first birth date of each row; put together from year, month and day where no column has it whole."""
    written = mapping.formats.get("birth_date") if mapping else None
    days, notices = pa.nulls(rows, pa.date32()), []
    for column in by_field.get("birth_date", []):
        text = _text(column)
        if written is not None:
            read, why = each_distinct(text, partial(_formatted, written), pa.date32()), None
        else:
            read, why = read_days(text, region)
        if why is not None:
            notices.append(f"column {column.name!r}: {why}")
        lost = (len(text) - text.null_count) - (len(read) - read.null_count)
        if lost:
            notices.append(f"column {column.name!r}: {lost:,} values are no day and count as empty")
        days = pc.coalesce(days, read)
    parts = [by_field.get(f"birth_{part}", []) for part in ("year", "month", "day")]
    if all(parts) and "birth_date" not in by_field:
        joined = pc.binary_join_element_wise(*(_first(part, rows) for part in parts), "-")
        days, _ = read_days(joined, region)
    return days, notices


def _formatted(written: str, text: str) -> object:
    return read_format(text, written)


def _text(column: Column) -> pa.Array:
    """A column's values as one text per row: of several the first."""
    if column.values is None:
        raise ValueError(f"column {column.name!r} was not read")
    values = column.values.column
    return pc.list_element(values, 0) if column.values.is_list else values


def _texts(by_field: dict[str, list[Column]], field: str) -> list[pa.Array]:
    return [_text(column) for column in by_field.get(field, [])]


def _first(columns: list[Column], rows: int) -> pa.Array:
    return pc.coalesce(*(_text(column) for column in columns)) if columns else pa.nulls(rows, pa.string())


def _joined(columns: list[pa.Array]) -> pa.Array:
    # null_handling="skip" would drop the rows in which every part is null.
    joined = pc.binary_join_element_wise(*columns, " ", null_handling="replace", null_replacement="")
    joined = pc.utf8_trim_whitespace(pc.replace_substring_regex(joined, " +", " "))
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)


def _list_of(columns: list[Column], rows: int, field: str) -> pa.Array:
    """Each row's values of several columns as one list, in the order of the columns."""
    lists = [_as_list(column, _SEPARATORS.get(field, ";|\n")) for column in columns]
    if field == "emails":
        lists = [
            _each(values, _out_of_brackets) if column.values and column.values.share("<") else values
            for values, column in zip(lists, columns, strict=True)
        ]
    if field == "handles":
        lists = [
            _with_prefix(values, column.prefix or platform_of(column.name))
            for values, column in zip(lists, columns, strict=True)
        ]
    return _concatenated(lists, rows)


def _as_list(column: Column, separators: str) -> pa.Array:
    if column.values is None:
        raise ValueError(f"column {column.name!r} was not read")
    if column.values.is_list:
        return column.values.column
    if not column.values.share(rf"^\[|[{re.escape(separators)}]"):
        return one_each(column.values.column)
    return each_distinct(column.values.column, lambda text: split_list(text, separators), TEXTS)


def _each(lists: pa.Array, function: Callable[[str], str | None]) -> pa.Array:
    """Every member of every list through a function; members that it makes null are dropped."""
    mapped = each_distinct(pc.list_flatten(lists), function, pa.string())
    kept = pc.is_valid(mapped)
    return gathered(pc.list_parent_indices(lists).filter(kept), mapped.filter(kept), len(lists))


def _out_of_brackets(text: str) -> str:
    found = _IN_BRACKETS.search(text)
    return found[1] if found else text


def _with_prefix(lists: pa.Array, prefix: str | None) -> pa.Array:
    if prefix is None:
        return lists
    return _each(lists, lambda text: text if text.startswith(f"{prefix}:") else f"{prefix}:{text}")


def _ids(by_field: dict[str, list[Column]], rows: int) -> pa.Array:
    """National and other ids as `<kind>:<id>`, and named ids of other systems."""
    lists = [
        _each(_as_list(column, ";|\n"), partial(_national_id, column.prefix or id_kind_of(column.name)))
        for column in by_field.get("national_id", [])
    ]
    lists += [_with_prefix(_as_list(column, ";|\n"), column.prefix) for column in by_field.get("external_ids", [])]
    return _concatenated(lists, rows)


def _national_id(kind: str, text: str) -> str | None:
    plain = "".join(sign for sign in text.upper() if sign.isalnum())
    if len(plain) < _SHORTEST_ID or len(set(plain)) == 1 or plain in "01234567890":
        return None
    return f"{kind}:{plain}"


def _concatenated(lists: list[pa.Array], rows: int) -> pa.Array:
    if not lists:
        return pa.nulls(rows, TEXTS)
    if len(lists) == 1:
        return lists[0]
    parents = pa.concat_arrays([pc.list_parent_indices(one).cast(pa.int64()) for one in lists])
    values = pa.concat_arrays([pc.list_flatten(one) for one in lists])
    order = pc.sort_indices(
        pa.table({"row": parents, "place": pa.array(range(len(parents)), pa.int64())}),
        sort_keys=[("row", "ascending"), ("place", "ascending")],
    )
    return gathered(parents.take(order), values.take(order), rows)


def records_table(
    record_id: pa.Array, source: pa.Array, entity: str, native_id: pa.Array, fields: dict[str, pa.Array]
) -> pa.Table:
    """Rows of the contract; fields that the table does not hold are null."""
    rows = len(record_id)
    known = {
        **fields,
        "record_id": record_id,
        "source": source,
        "entity": pa.repeat(entity, rows),
        "native_id": native_id,
    }
    arrays = [
        one_array(known[field.name]).cast(field.type) if field.name in known else pa.nulls(rows, field.type)
        for field in IDENTITY_RECORDS
    ]
    return pa.table(arrays, schema=IDENTITY_RECORDS)
