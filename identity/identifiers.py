"""The e-mails, phones and handles of records: each distinct one read once, valid or rejected with a reason."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from identity.columns import as_lists, each_distinct, exploded, one_array
from identity.contract import IDENTIFIERS
from identity.standardise.email import standardise_email
from identity.standardise.phone import region_of, standardise_phone

_IDENTIFIER: Final = pa.struct(
    [("value", pa.string()), ("match_key", pa.string()), ("is_valid", pa.bool_()), ("rejection_reason", pa.string())]
)
_PHONE: Final = pa.struct([*_IDENTIFIER, ("region", pa.string())])


def identifiers_of(records: pa.Table, default_region: str) -> pa.Table:
    """The e-mails, phones and handles of records, valid or rejected with a reason: per `contract.IDENTIFIERS`."""
    records = records.sort_by("record_id")
    return as_identifiers(emails_of(records), phones_of(records, default_region), handles_of(records))


def as_identifiers(*kinds: pa.Table) -> pa.Table:
    """What the functions below return, put together per `contract.IDENTIFIERS`."""
    return pa.concat_tables(kind.select(IDENTIFIERS.names) for kind in kinds).cast(IDENTIFIERS)


def emails_of(records: pa.Table) -> pa.Table:
    """One row per e-mail of a record: the columns of `contract.IDENTIFIERS`, and `position`, its row in `records`."""
    rows = exploded(records, "record_id", "emails")
    read = each_distinct(rows["value"], lambda raw: vars(standardise_email(raw)), _IDENTIFIER)
    return _identifiers(rows, pa.repeat("email", rows.num_rows), read)


def phones_of(records: pa.Table, default_region: str) -> pa.Table:
    """The same of phones, and the `region` of each: a number is read in its record's country, or the default one."""
    rows = exploded(records, "record_id", "phones")
    regions = each_distinct(records["country"], region_of, pa.string()).take(rows["position"])
    regions = pc.fill_null(one_array(regions), default_region)
    # One number in many disguises is read once, and the same digits mean two numbers in two countries.
    raw = one_array(rows["value"])
    plain = pc.replace_substring_regex(raw, r"[\s().\-]", "")
    raw = pc.if_else(pc.match_substring_regex(plain, r"^\+?[0-9]+$"), plain, raw)
    regions = pc.if_else(pc.starts_with(raw, "+"), default_region, regions)
    both = pc.binary_join_element_wise(regions, raw, "|")
    read = each_distinct(both, lambda text: vars(standardise_phone(text[3:], text[:2])), _PHONE)
    numbers = _identifiers(rows, pa.repeat("phone", rows.num_rows), read)
    return numbers.append_column("region", pc.struct_field(read, "region"))


def handles_of(records: pa.Table) -> pa.Table:
    """The same of handles; their kind is the platform."""
    rows = exploded(records, "record_id", "handles")
    parts = pc.split_pattern(rows["value"], ":", max_splits=1)
    has_platform = pc.greater(pc.list_value_length(parts), 1)
    kind = pc.utf8_lower(pc.list_element(parts, 0))
    read = each_distinct(rows["value"], _read_handle, _IDENTIFIER)
    return _identifiers(rows, pc.if_else(has_platform, kind, "handle"), read)


def _read_handle(raw: str) -> dict[str, object]:
    value = raw.rpartition(":")[2].strip().lstrip("@").lower() or None
    reason = None if value else "an empty handle"
    return {"value": value, "match_key": value, "is_valid": value is not None, "rejection_reason": reason}


def _identifiers(rows: pa.Table, kind: pa.Array, read: pa.Array) -> pa.Table:
    columns = {field.name: pc.struct_field(read, field.name) for field in _IDENTIFIER}
    return pa.table(
        {
            "record_id": rows["record_id"],
            "position": rows["position"],
            "kind": kind,
            "raw_value": rows["value"],
            **columns,
        }
    )


def keys_of(identifiers: pa.Table, records: pa.Table, *, with_kind: bool = False) -> pa.Array:
    """Per row of `records` the forms to compare, sorted; null for a record without any."""
    keys = one_array(identifiers["match_key"])
    if with_kind:
        keys = pc.binary_join_element_wise(one_array(identifiers["kind"]), keys, ":")
    return as_lists(one_array(identifiers["position"]), keys, records.num_rows)
