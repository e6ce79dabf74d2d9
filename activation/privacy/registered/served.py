"""Schema activation: what is served, what came in by HTTP, what was sent, what was read, and erasure's own tables."""

from __future__ import annotations

from typing import Final

from activation.privacy.place import NONE, OF_CUSTOMER, PersonalTable, Treatment, deleted

# An event is theirs as its raw row is; what has not been read yet is known by who sent it.
_EVENT: Final = (
    "('events:user:' || t.user_id = any(%(records)s) or 'events:anonymous:' || t.anonymous_id = any(%(records)s) "
    "or (t.user_id is null and 'events:anonymous:' || t.anonymous_id = any(%(named)s)) "
    "or 'events/identities/' || t.key_id || ':' || t.message_id = any(%(row_keys)s) "
    "or 'events/interactions/' || t.key_id || ':' || t.message_id = any(%(row_keys)s))"
)
_BAD_EVENT: Final = (
    "('events:user:' || (t.payload ->> 'userId') = any(%(records)s) "
    "or 'events:anonymous:' || (t.payload ->> 'anonymousId') = any(%(records)s))"
)
# A row is kept under the customer, or under the vendor's own id of a record; of old rows only the key is known.
_SENT: Final = (
    "(t.customer_id = any(%(customers)s) or t.key = any(%(customers)s) or t.key = any(%(records)s) "
    "or (t.customer_id is null and t.destination = 'zendesk_users' and 'zendesk:user:' || t.key = any(%(records)s)))"
)
_SENT_OF_RECORDS: Final = (
    "(t.key = any(%(records)s) or ((t.customer_id = any(%(customers)s) or t.customer_id is null) "
    "and t.key = any(%(natives)s)))"
)
_ASKED: Final = "it is needed to ask the destination to forget them, and goes when that is acknowledged"

PERSONAL: Final = (
    *deleted(
        "activation",
        OF_CUSTOMER,
        "profiles profile_identifiers consents contact_permissions segment_members customer_ids explanations "
        "customer_traits counted_events",
    ),
    PersonalTable("activation", "timeline", "(t.customer_id = any(%(customers)s) or t.record_id = any(%(records)s))"),
    PersonalTable("activation", "events", _EVENT),
    PersonalTable("activation", "quarantined_events", _BAD_EVENT),
    PersonalTable(
        "activation",
        "deliveries",
        _SENT,
        Treatment.KEEP,
        _ASKED,
        rows_of_records=_SENT_OF_RECORDS,
    ),
    PersonalTable(
        "activation",
        "dead_letters",
        _SENT,
        rows_of_records=_SENT_OF_RECORDS,
    ),
    PersonalTable(
        "activation",
        "sync_rows",
        "(t.customer_id = any(%(customers)s) or t.key = any(%(customers)s) or t.key = any(%(records)s))",
        Treatment.MINIMISE,
        "what a sync sent must add up; the row no longer says for whom",
        rows_of_records=_SENT_OF_RECORDS,
        assignments="key = null, customer_id = null",
    ),
    PersonalTable(
        "activation",
        "suppressions",
        "(t.customer_id = any(%(customers)s) or t.record_ids && %(records)s)",
        rows_of_records=NONE,
    ),
    PersonalTable(
        "activation",
        "audit",
        "t.customer_ids && %(customers)s",
        Treatment.MINIMISE,
        "that somebody read a profile, and when, must stay provable (GDPR, articles 5(2) and 32)",
        rows_of_records=NONE,
        statement="select activation.minimise_audit(%(customers)s, %(stand_in)s)",
    ),
)
"""Where a person is in schema activation. Suppressions of an address hold its HMAC, and stay: they keep it quiet."""

FREE: Final = {
    "activation.schema_versions": "version applied_at",
    "activation.segments": "segment label description purpose destinations minimum_link_strength size holds_back",
    "activation.publications": "publication_id run_id as_of published_at changes",
    "activation.api_keys": "key_id name key_hash created_at revoked_at number scopes rate_limit expires_at "
    "last_used_at replaces",
    "activation.suppression_key": "only_row inner_pad outer_pad",
    "activation.syncs": "sync_id destination status confirmed plan outcome problem started_at finished_at",
    "activation.sync_pauses": "destination paused_by reason paused_at",
    "activation.sync_targets": "destination target adopted_at",
    "activation.match_evidence": "pattern evidence",
    "activation.match_models": "model_id threshold",
    "activation.segment_conditions": "segment position path depth kind label expression seen_expression other_segment "
    "holds_without",
    "activation.trait_types": "trait type",
    "activation.personas": "persona label description card",
    "activation.service_figures": "figure_id level month channel team figures",
    # The customer id of an erasure is issued to nobody, and nothing leads from it to a person.
    "activation.erasures": "erasure_id customer_id scope requested_by erased_at completed_at",
    "activation.erasure_outcomes": "erasure_id place outcome affected_rows reason",
    "activation.erasure_destinations": "erasure_id destination asked_rows acknowledged_at forgotten_at forgotten_by",
    "activation.tombstones": "digest kind erasure_id created_at lifted_at lifted_by",
    "activation.tombstone_key": "only_row fingerprint",
    "activation.withheld_rows": "source stream erasure_id reason rows first_at last_at",
    "activation.checked_loads": "source stream load_id",
}
"""Tables without personal data of customers, and the columns that this was judged by."""
