"""Raw, staging and identity: what came in, and who is who."""

from __future__ import annotations

from typing import Final

from activation.privacy.place import NONE, OF_CUSTOMER, OF_RECORD, PersonalTable, Treatment, deleted
from activation.privacy.raw_streams import RAW_STREAMS

_RAW: Final = tuple(
    PersonalTable(f"raw_{stream.source}", stream.stream, f"('{stream.name}/' || t.record_key) = any(%(row_keys)s)")
    for stream in RAW_STREAMS
)
_BASES: Final = tuple(
    PersonalTable(
        "staging",
        f"base_{stream.source}__{stream.stream}",
        f"('{stream.name}/' || t.record_key) = any(%(row_keys)s)",
        shown=False,
    )
    for stream in RAW_STREAMS
)
_EITHER_RECORD: Final = "(t.record_id_a = any(%(records)s) or t.record_id_b = any(%(records)s))"
_BOTH_RECORDS: Final = "(t.record_id_a = any(%(records)s) and t.record_id_b = any(%(records)s))"

PERSONAL: Final = (
    *_RAW,
    *_BASES,
    PersonalTable(
        "staging",
        "base_shopify__order_lines",
        "('shopify/orders/' || split_part(t.record_key, '/', 1)) = any(%(row_keys)s)",
        shown=False,
    ),
    PersonalTable(
        "staging",
        "base_events__products",
        "('events/interactions/' || regexp_replace(t.record_key, '/products/[0-9]+$', '')) = any(%(row_keys)s)",
        shown=False,
    ),
    PersonalTable("staging", "quarantine", "concat_ws('/', t.source, t.stream, t.record_key) = any(%(row_keys)s)"),
    PersonalTable(
        "staging",
        "stg_files__named_people",
        "(t.record_id = any(%(records)s) or t.record_id = any(%(named)s))",
        shown=False,
    ),
    *deleted(
        "staging",
        "(t.record_id = any(%(records)s) or t.record_id = any(%(named)s))",
        "stg_files__shared_devices stg_events__people stg_events__devices stg_events__interactions "
        "stg_events__order_lines",
        shown=False,
    ),
    PersonalTable(
        "staging",
        "stg_events__aliases",
        "('events:user:' || t.user_id = any(%(records)s) or 'events:user:' || t.previous_id = any(%(records)s) "
        "or 'events:anonymous:' || t.previous_id = any(%(records)s))",
        shown=False,
    ),
    *deleted("identity", OF_RECORD, "identity_records record_customers identifiers"),
    PersonalTable("identity", "edges", _EITHER_RECORD, rows_to_show=_BOTH_RECORDS),
    PersonalTable("identity", "judgements", _EITHER_RECORD, rows_to_show=_BOTH_RECORDS),
    PersonalTable("identity", "label_queue", _EITHER_RECORD, shown=False),
    PersonalTable("identity", "shared_identifiers", "(t.kind || ':' || t.value) = any(%(contacts)s)", shown=False),
    PersonalTable(
        "identity", "order_numbers", "(t.record_id = any(%(records)s) or t.order_id = any(%(orders)s))", shown=False
    ),
    PersonalTable(
        "identity",
        "written_identifiers",
        "(t.record_id = any(%(records)s) or t.owner_record_id = any(%(records)s) "
        "or t.interaction_id = any(%(interactions)s) or (t.kind || ':' || t.value) = any(%(contacts)s))",
    ),
    PersonalTable(
        "identity",
        "plan_changes",
        "(t.former_customer_ids && %(customers)s or t.customer_ids && %(customers)s)",
        shown=False,
    ),
    PersonalTable(
        "identity",
        "change_decisions",
        "t.customer_ids && %(customers)s",
        Treatment.MINIMISE,
        "that a steward decided, and when, is the audit trail of identity",
        rows_of_records=NONE,
        assignments=(
            "customer_ids = (select coalesce(array_agg(id), '{}') from unnest(t.customer_ids) as id "
            "where id <> all(%(customers)s)), reason = 'erased'"
        ),
    ),
    PersonalTable(
        "identity",
        "customer_ledger",
        "(t.customer_id = any(%(customers)s) or t.related_customer_id = any(%(customers)s) "
        "or t.founding_record_id = any(%(records)s) or t.record_ids && %(records)s)",
        Treatment.MINIMISE,
        "an id that was issued is never issued again; the events lose the records that they name",
    ),
    PersonalTable(
        "build_state",
        "changes",
        "(t.changed_key = any(%(customers)s) or t.changed_key = any(%(records)s))",
        rows_of_records="t.changed_key = any(%(records)s)",
        shown=False,
    ),
)
"""Where a person is before golden; `ledger.py` rewrites `customer_ledger`, `raw_rows.py` finds the rows of raw."""

FREE: Final = {
    "raw_salesforce.campaigns": "record_key payload native_id cursor_value ingest_error _dlt_load_id _dlt_id",
    "raw_shopify.products": "record_key payload native_id cursor_value ingest_error _dlt_load_id _dlt_id",
    "raw_files.read_files": "record_key payload native_id cursor_value ingest_error _dlt_load_id _dlt_id",
    "staging.base_salesforce__campaigns": "record_key campaign_id name type status start_date updated_at "
    "quarantine_reason quarantine_field value_problems quarantined_payload",
    "staging.base_shopify__products": "record_key product_id title category vendor price updated_at "
    "quarantine_reason quarantine_field value_problems quarantined_payload",
    "staging.base_files__first_replies": "source thread_id first_reply_at",
    "staging.country_names": "name country",
    "staging.stream_counts": "source stream raw_rows staged_rows quarantined_rows",
    "identity.edge_patterns": "model_id pattern evidence",
    "identity.label_samples": "sample_id run_id model_id threshold settings strata drawn_at drawn_by",
    # Frequencies of common values are kept by hash; a value of one person is not common.
    "identity.models": "model_id model first_used_at",
    "identity.plans": "plan_id run_id made_at state input_digest base_run_id model_id summary applied_at applied_by",
    "identity.runs": "run_id input_digest model_id summary published_at decided_digest",
    "build_state.models": "relation query shape watched announces follows seen",
    # dlt's own: cursors, and digests of rows at the cursor.
    "raw_*._dlt_loads": "load_id schema_name status inserted_at schema_version_hash",
    "raw_*._dlt_pipeline_state": "version engine_version pipeline_name state created_at version_hash "
    "_dlt_load_id _dlt_id",
    "raw_*._dlt_version": "version engine_version inserted_at schema_name version_hash schema",
}
"""Tables without personal data, and the columns that this was judged by."""


def of_customer_only(name: str) -> PersonalTable:
    """A segment: who is in it, and why."""
    return PersonalTable("segments", name, OF_CUSTOMER)
