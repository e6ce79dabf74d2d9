"""The sandbox's records straight as the identity contract, and who is who: for benchmarks and tests, without HTTP.

`identity_records` agrees with what dbt builds from the vendors' look-alikes.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.contract import IDENTITY_RECORDS
from sandbox.generator.columns import flat, join_present
from sandbox.world import World

PARTLY_UNDATED = "zendesk"
"""The help desk's own `updated_at` moves when Braid writes to it, so a user's creation counts instead."""


def identity_records(world: World) -> pa.Table:
    """One row per source record, columns of `identity.contract.IDENTITY_RECORDS`."""
    records = world["records"].combine_chunks()
    undated = pc.equal(records["system"], PARTLY_UNDATED)
    is_social = pc.is_valid(records["username"])
    platform = pc.if_else(pc.equal(records["system"], "x"), "x:", "instagram:")
    own_handle = pc.binary_join_element_wise(platform, records["username"], "")
    columns: dict[str, pa.Array | pa.ChunkedArray] = {
        "record_id": records["record_id"],
        "source": records["system"],
        "entity": records["entity"],
        "native_id": records["native_id"],
        "full_name": pc.coalesce(records["full_name"], join_present(records["given_name"], records["family_name"])),
        "given_name": records["given_name"],
        "family_name": records["family_name"],
        "former_family_names": _lists(records["former_family_name"]),
        "emails": _lists(records["email"]),
        "phones": _lists(records["phone"], records["mobile_phone"]),
        "handles": _lists(
            pc.if_else(is_social, own_handle, pa.scalar(None, pa.string())),
            pc.binary_join_element_wise("instagram:", records["instagram_handle"], ""),
            pc.binary_join_element_wise("x:", records["x_handle"], ""),
        ),
        "external_ids": _lists(records["linked_record_id"]),
        **{name: records[name] for name in ("street", "city", "region", "postcode", "country", "birth_date")},
        "birth_place": pa.nulls(len(records), pa.string()),
        "occupation": pa.nulls(len(records), pa.string()),
        "organisation": records["company"],
        "language": records["language"],
        "created_at": records["created_at"],
        "updated_at": pc.if_else(undated, records["created_at"], records["updated_at"]),
    }
    return pa.table([columns[field.name] for field in IDENTITY_RECORDS], schema=IDENTITY_RECORDS)


def truth(world: World) -> pa.Table:
    """Columns record_id, person_id: which person each source record is of."""
    return world["records"].select(["record_id", "person_id"])


def _lists(*columns: pa.ChunkedArray) -> pa.Array:
    """A list per row of what the columns hold; an empty one where they hold nothing."""
    parts = [flat(column) for column in columns]
    rows = len(parts[0])
    order = np.arange(rows * len(parts)).reshape(len(parts), rows).T.ravel()
    interleaved = pa.concat_arrays(parts).take(pa.array(order))
    there = np.asarray(interleaved.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    ends = np.cumsum(there.reshape(rows, len(parts)).sum(axis=1))
    offsets = pa.array(np.r_[0, ends].astype(np.int32))
    return pa.ListArray.from_arrays(offsets, interleaved.drop_null())
