"""The sandbox's records straight as the identity contract, and who is who: for benchmarks and tests, without HTTP.

`identity_records` agrees with what dbt builds from what the vendors' look-alikes serve: an interface may tell less
than the record behind it holds, and what it does not tell is left out here too.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.contract import IDENTITY_RECORDS, TEXTS
from sandbox.generator.columns import Text, flat, join_present
from sandbox.world import World

_UNSAID = pa.scalar(None, pa.string())


def identity_records(world: World) -> pa.Table:
    """One row per source record, columns of `identity.contract.IDENTITY_RECORDS`."""
    table = world["records"]
    records = {name: flat(table[name]) for name in table.column_names}
    columns: dict[str, pa.Array] = {
        "record_id": records["record_id"],
        "source": records["system"],
        "entity": records["entity"],
        "native_id": records["native_id"],
        "full_name": _full_names(records),
        "given_name": records["given_name"],
        "family_name": records["family_name"],
        "former_family_names": _lists(records["former_family_name"]),
        "emails": _lists(records["email"]),
        "phones": _lists(records["phone"], records["mobile_phone"]),
        "handles": _lists(_handles(records, "instagram", "meta"), _handles(records, "x", "x")),
        "external_ids": _lists(records["linked_record_id"]),
        # What people wrote in messages is left out: the figures of earlier releases did without.
        "mentions": pa.nulls(table.num_rows, TEXTS),
        **{name: records[name] for name in ("street", "city", "region", "postcode", "country", "birth_date")},
        "birth_place": pa.nulls(table.num_rows, pa.string()),
        "occupation": pa.nulls(table.num_rows, pa.string()),
        "organisation": records["company"],
        "language": records["language"],
        "created_at": records["created_at"],
        "updated_at": pc.if_else(_is_dated(records), records["updated_at"], records["created_at"]),
    }
    return pa.table([columns[field.name] for field in IDENTITY_RECORDS], schema=IDENTITY_RECORDS)


def truth(world: World) -> pa.Table:
    """Columns record_id, person_id: which person each source record is of."""
    return world["records"].select(["record_id", "person_id"])


def whole_truth(world: World) -> pa.Table:
    """Columns record_id, person_id: as `truth`, and of the systems that export files; what several use is nobody's."""
    touch = world["touch_records"].select(["record_id", "person_id"])
    return pa.concat_tables([truth(world), touch.filter(pc.is_valid(touch["person_id"]))])


def _is_dated(records: dict[str, Text]) -> pa.Array:
    """Where a last change is told: not by X; of a help desk's user, only that of an e-mail, a phone or a handle."""
    has_identity = pc.or_(
        pc.is_valid(pc.coalesce(records["email"], records["phone"])),
        pc.is_valid(pc.coalesce(records["mobile_phone"], records["x_handle"])),
    )
    silent = pc.and_(pc.equal(records["system"], "zendesk"), pc.invert(has_identity))
    return pc.invert(pc.or_(silent, pc.equal(records["system"], "x")))


def _full_names(records: dict[str, Text]) -> Text:
    """The one name field, or the parts put together; Instagram's inbox shows user names only."""
    name = pc.coalesce(records["full_name"], join_present(records["given_name"], records["family_name"]))
    return pc.if_else(pc.equal(records["entity"], "instagram_user"), _UNSAID, name)


def _handles(records: dict[str, Text], platform: str, system: str) -> Text:
    """An account's own name on the platform, or the one that another system noted; "<platform>:<name>"."""
    own = pc.if_else(pc.equal(records["system"], system), records["username"], _UNSAID)
    name = pc.utf8_ltrim(pc.utf8_lower(pc.coalesce(own, records[f"{platform}_handle"])), "@ ")
    return pc.binary_join_element_wise(f"{platform}:", name, "")


def _lists(*columns: Text) -> pa.Array:
    """Per row the values of one or two columns, each once, in the order of their bytes."""
    if len(columns) == 2:
        least, most = pc.min_element_wise(*columns), pc.max_element_wise(*columns)
        columns = (least, pc.if_else(pc.equal(least, most), _UNSAID, most))
    rows = len(columns[0])
    order = np.arange(rows * len(columns)).reshape(len(columns), rows).T.ravel()
    interleaved = pa.concat_arrays(columns).take(pa.array(order))
    there = np.asarray(interleaved.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    ends = np.cumsum(there.reshape(rows, len(columns)).sum(axis=1))
    return pa.ListArray.from_arrays(pa.array(np.r_[0, ends].astype(np.int32)), interleaved.drop_null())
