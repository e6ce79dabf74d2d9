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
        # what its person wrote in messages: "order=<record_id of the buyer>", "email=<address>", "phone=<number>"
        pa.field("mentions", TEXTS),
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
        pa.field(
            "pattern", TEXT, nullable=False
        ),  # level reached per comparison of the model: "5.-.0", see EDGE_PATTERNS
    ]
)
"""One row per scored pair worth keeping."""

EDGE_PATTERNS: Final = pa.schema(
    [
        pa.field("model_id", TEXT, nullable=False),
        pa.field("pattern", TEXT, nullable=False),
        pa.field("evidence", TEXT, nullable=False),  # JSON: per comparison its level, words and weight in bits
    ]
)
"""What the patterns of edges mean: written once instead of on every edge."""

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

SHARED_IDENTIFIERS: Final = pa.schema(
    [
        pa.field("kind", TEXT, nullable=False),  # email, phone
        pa.field("value", TEXT, nullable=False),  # as `match_key` of identifiers
        pa.field("class", TEXT, nullable=False),  # household, business, recycled, junk
        pa.field("records", pa.int64(), nullable=False),  # how many carry it
        pa.field("people_estimate", pa.int64()),  # about how many people those are, at least; null: nobody can tell
        pa.field("agreement", pa.float64()),  # share of its pairs of records that agree about the person
        pa.field("family_agreement", pa.float64()),
        pa.field("date_agreement", pa.float64()),  # of birth
        pa.field("address_agreement", pa.float64()),
        pa.field("apart_in_time", pa.float64()),  # of pairs of different people, those never live at once
    ]
)
"""One row per e-mail or phone number that is not one person's, and how its records behave."""

CUSTOMER_LEDGER: Final = pa.schema(
    [
        pa.field("run_id", TEXT, nullable=False),
        pa.field("event", TEXT, nullable=False),  # minted, revived, split, merged, moved, left, retired, erased
        pa.field("customer_id", TEXT, nullable=False),
        pa.field("related_customer_id", TEXT),  # merged: the survivor; split: the heir it came from; moved: where to
        pa.field("founding_record_id", TEXT),  # minted: the record the id was minted from
        pa.field("occurred_at", TIME, nullable=False),
        pa.field("record_ids", TEXTS),  # split, merged, moved: what went there; left, retired: what is gone
    ]
)
"""Append-only: one row per event in the life of a customer id, oldest first."""

JUDGEMENTS: Final = pa.schema(
    [
        pa.field("judgement_id", TEXT, nullable=False),
        pa.field("record_id_a", TEXT, nullable=False),  # the smaller of the two ids
        pa.field("record_id_b", TEXT, nullable=False),
        pa.field("verdict", TEXT, nullable=False),  # same, different, unsure (withdraws what was said before)
        pa.field("judged_by", TEXT, nullable=False),
        pa.field("judged_at", TIME, nullable=False),
        pa.field("reason", TEXT, nullable=False),
        pa.field("match_weight", pa.float64()),  # what the person saw; null when nothing was shown
        pa.field("model_id", TEXT),
        pa.field("origin", TEXT, nullable=False),  # review, unmerge, steward
    ]
)
"""Append-only: one row per decision of a person about two records; the newest of a pair counts."""

PLAN_CHANGES: Final = pa.schema(
    [
        pa.field("run_id", TEXT, nullable=False),  # the run that planned it
        pa.field("change_id", TEXT, nullable=False),  # the same on every run that proposes the same
        pa.field("kind", TEXT, nullable=False),  # created, extended, reduced, merged, split, moved, retired
        pa.field("held", pa.bool_(), nullable=False),  # kept back: its records stay with their previous customers
        pa.field("held_because", TEXTS, nullable=False),  # "<bound or decision>: words"
        pa.field("reasons", TEXTS, nullable=False),  # records_added, records_removed, judgement, evidence, caller's own
        pa.field("former_customer_ids", TEXTS, nullable=False),
        pa.field("customer_ids", TEXTS, nullable=False),  # as proposed
        pa.field("before", TEXT, nullable=False),  # JSON: customer id -> record ids
        pa.field("after", TEXT, nullable=False),  # JSON: proposed customer id -> record ids
        pa.field("records", pa.int64(), nullable=False),  # all that it touches, the removed included
        pa.field("records_added", pa.int64(), nullable=False),
        pa.field("records_removed", pa.int64(), nullable=False),
        pa.field("records_moved", pa.int64(), nullable=False),  # whose customer id would be another
        pa.field("customers_merged", pa.int64(), nullable=False),  # ids that would redirect
        pa.field("link_strength", pa.float64()),  # the least of its records, 0 to 1; null when not given
        pa.field("share_of_customers", pa.float64(), nullable=False),  # former customers touched, of all
        pa.field("facts", TEXT, nullable=False),  # JSON: what the caller knows of its former customers, summed
    ]
)
"""One row per change of a plan: a connected group of former customers and proposed ones in which anything differs."""

CHANGE_DECISIONS: Final = pa.schema(
    [
        pa.field("decision_id", TEXT, nullable=False),
        pa.field("decision", TEXT, nullable=False),  # hold, release
        pa.field("change_id", TEXT),  # null: about one customer
        pa.field("customer_ids", TEXTS, nullable=False),  # that customer; of a change: its former customers
        pa.field("decided_by", TEXT, nullable=False),
        pa.field("decided_at", TIME, nullable=False),
        pa.field("reason", TEXT, nullable=False),
    ]
)
"""Append-only: one row per decision of a steward about a planned change or a customer; the newest counts."""
