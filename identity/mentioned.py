"""What the person of a record wrote in messages: order numbers, e-mails and phones that may be another record's."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from identity.columns import as_lists, exploded, one_array
from identity.identifiers import emails_of, phones_of

_TEXTS: Final = pa.list_(pa.string())
MENTIONED: Final = ("mentioned_orders", "mentioned_emails", "mentioned_phones")
"""The feature columns, each a list per record: record ids of buyers, and e-mails and phones in the form to compare."""


def mentioned(records: pa.Table, emails: pa.Table, phones: pa.Table, default_region: str) -> dict[str, pa.Array]:
    """The columns `MENTIONED`, without what the record carries itself: that says nothing new. Null where none is left.

    Args:
        records: per `contract.IDENTITY_RECORDS`; entries of `mentions` of any other form than the contract's are left
            out.
        emails: `identifiers.emails_of` of `records`.
        phones: `identifiers.phones_of` of `records`.
        default_region: of phone numbers of records without a country.
    """
    said = exploded(records, "record_id", "mentions")
    if not said.num_rows:
        return {column: pa.nulls(records.num_rows, _TEXTS) for column in MENTIONED}
    parts = pc.split_pattern(said["value"], "=", max_splits=1)
    said = said.filter(pc.equal(pc.list_value_length(parts), 2))
    parts = one_array(pc.split_pattern(said["value"], "=", max_splits=1))
    said = said.append_column("kind", pc.list_element(parts, 0))
    said = said.set_column(2, "value", pc.utf8_trim_whitespace(pc.list_element(parts, 1)))
    orders, addresses, numbers = (said.filter(pc.equal(said["kind"], kind)) for kind in ("order", "email", "phone"))
    links = exploded(records, "record_id", "external_ids")
    own = pa.concat_arrays([one_array(records["record_id"]), one_array(links["value"])])
    rows = pa.concat_arrays([pa.array(range(records.num_rows), pa.int64()), _places(links["position"])])
    by_email = emails_of(_as_records(addresses, "emails", records))["match_key"]
    by_phone = phones_of(_as_records(numbers, "phones", records), default_region)["match_key"]
    columns = (
        _new(orders, orders["value"], rows, own, records.num_rows),
        _new(addresses, by_email, _places(emails["position"]), emails["match_key"], records.num_rows),
        _new(numbers, by_phone, _places(phones["position"]), phones["match_key"], records.num_rows),
    )
    return dict(zip(MENTIONED, columns, strict=True))


def _as_records(said: pa.Table, column: str, records: pa.Table) -> pa.Table:
    """Each thing that was written as a record that carries it, in the country of the one who wrote it."""
    count = said.num_rows
    lists = pa.ListArray.from_arrays(pa.array(range(count + 1), pa.int32()), one_array(said["value"]))
    country = one_array(records["country"]).take(one_array(said["position"]))
    return pa.table({"record_id": one_array(said["record_id"]), column: lists, "country": country})


def _places(positions: pa.ChunkedArray) -> pa.Array:
    return one_array(positions).cast(pa.int64())


def _new(said: pa.Table, keys: pa.ChunkedArray, rows: pa.Array, own: pa.ChunkedArray, count: int) -> pa.Array:
    """`keys` (one per row of `said`) as lists, but for those that are among the record's `own` (of the rows `rows`)."""
    keys = one_array(keys)
    position = _places(said["position"])
    own = one_array(own)
    alike = pc.is_in(own, value_set=keys)
    theirs = pc.binary_join_element_wise(rows.filter(alike).cast(pa.string()), own.filter(alike), " ")
    carried = pc.is_in(pc.binary_join_element_wise(position.cast(pa.string()), keys, " "), value_set=theirs)
    there = pc.and_(pc.invert(carried), pc.fill_null(pc.not_equal(keys, ""), False))
    return as_lists(position.filter(there), keys.filter(there), count)
