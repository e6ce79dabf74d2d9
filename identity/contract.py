"""The columns that enter and leave identity: the one truth that dbt's yml and the API are tested against."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

TEXT: Final = pa.string()
TEXTS: Final = pa.list_(pa.string())
TIME: Final = pa.timestamp("us", tz="UTC")

IDENTITY_RECORDS: Final = pa.schema(
    [
        pa.field("record_id", TEXT, nullable=False),  # <source>:<entity>:<native id>
        pa.field("source", TEXT, nullable=False),
        pa.field("entity", TEXT, nullable=False),
        pa.field("native_id", TEXT, nullable=False),
        pa.field("full_name", TEXT),  # as written, when the source has one field, or put together
        pa.field("given_name", TEXT),
        pa.field("family_name", TEXT),
        pa.field("former_family_names", TEXTS),
        pa.field("emails", TEXTS),  # as written; standardisation is identity's task
        pa.field("phones", TEXTS),
        pa.field("handles", TEXTS),  # "<platform>:<name>", e.g. "instagram:ada.l"
        pa.field("external_ids", TEXTS),  # record_ids of other systems that this record names as itself
        pa.field("street", TEXT),
        pa.field("city", TEXT),
        pa.field("region", TEXT),
        pa.field("postcode", TEXT),
        pa.field("country", TEXT),
        pa.field("birth_date", pa.date32()),
        pa.field("birth_place", TEXT),
        pa.field("occupation", TEXT),
        pa.field("organisation", TEXT),
        pa.field("language", TEXT),
        pa.field("created_at", TIME),
        pa.field("updated_at", TIME),  # when the person's own data last changed, not when we touched it
    ]
)
"""One row per source record: what identity reads."""

RECORD_CUSTOMERS: Final = pa.schema(
    [
        pa.field("record_id", TEXT, nullable=False),
        pa.field("customer_id", TEXT, nullable=False),
        pa.field("link_strength", pa.float64(), nullable=False),  # 0 to 1; 1.0 for a record alone
    ]
)
"""One row per source record: the customer it belongs to."""

EDGES: Final = pa.schema(
    [
        pa.field("record_id_a", TEXT, nullable=False),  # the smaller of the two ids
        pa.field("record_id_b", TEXT, nullable=False),
        pa.field("match_weight", pa.float64(), nullable=False),  # log2 Bayes factor, prior included
        pa.field("match_probability", pa.float64(), nullable=False),
        pa.field("accepted", pa.bool_(), nullable=False),  # did it join the two?
        pa.field("evidence", TEXT, nullable=False),  # JSON: one object per comparison
    ]
)
"""One row per scored pair worth keeping."""

IDENTIFIERS: Final = pa.schema(
    [
        pa.field("record_id", TEXT, nullable=False),
        pa.field("kind", TEXT, nullable=False),  # email, phone, instagram, x, ...
        pa.field("raw_value", TEXT, nullable=False),
        pa.field("value", TEXT),  # deliverable form: lower-cased e-mail, E.164 phone
        pa.field("match_key", TEXT),  # form to compare: plus tag and dots folded
        pa.field("is_valid", pa.bool_(), nullable=False),
        pa.field("rejection_reason", TEXT),
    ]
)
"""One row per identifier of a record, the rejected ones with their reason."""

CUSTOMER_LEDGER: Final = pa.schema(
    [
        pa.field("run_id", TEXT, nullable=False),
        pa.field("event", TEXT, nullable=False),  # minted, revived, split, merged, retired
        pa.field("customer_id", TEXT, nullable=False),
        pa.field("related_customer_id", TEXT),  # merged: the survivor; split: the heir it came from
        pa.field("founding_record_id", TEXT),  # minted: the record the id was minted from
        pa.field("occurred_at", TIME, nullable=False),
        pa.field("record_ids", TEXTS),  # retired: the records it held last, by which it is revived
    ]
)
"""Append-only: one row per event in the life of a customer id, oldest first."""
