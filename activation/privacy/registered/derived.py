"""Golden, marts and segments: what was made of it. The next `serve` makes these tables of what is left."""

from __future__ import annotations

from typing import Final

from activation.privacy.place import NONE, OF_CUSTOMER, OF_EITHER, OF_RECORD, PersonalTable, Treatment, deleted

_OF_TOUCH: Final = "t.interaction_id = any(%(interactions)s)"
_OF_ORDER: Final = "t.order_id = any(%(orders)s)"
_SHARED: Final = "it is the rest of the household's too, and made anew by the next run"

PERSONAL: Final = (
    PersonalTable(
        "golden",
        "households",
        "t.household_id in (select m.household_id from golden.household_members as m "
        "where m.customer_id = any(%(customers)s))",
        Treatment.RECOMPUTE,
        _SHARED,
    ),
    *deleted(
        "golden",
        OF_CUSTOMER,
        "customers profiles golden_attributes contact_points contact_permissions contact_obstacles consents "
        "consent_statements household_bonds household_members",
    ),
    *deleted("golden", OF_EITHER, "record_inputs record_identifiers", shown=False),
    *deleted("golden", OF_CUSTOMER, "household_addresses shared_refusals", shown=False),
    PersonalTable(
        "marts", "touchpoints", f"({OF_EITHER} or {_OF_TOUCH})", rows_of_records=f"({OF_RECORD} or {_OF_TOUCH})"
    ),
    PersonalTable("marts", "orders", f"({OF_EITHER} or {_OF_ORDER})", rows_of_records=f"({OF_RECORD} or {_OF_ORDER})"),
    PersonalTable("marts", "order_lines", f"({OF_CUSTOMER} or {_OF_ORDER})", rows_of_records=_OF_ORDER),
    PersonalTable("marts", "order_contents", _OF_ORDER, rows_of_records=_OF_ORDER, shown=False),
    *deleted("marts", OF_EITHER, "checkouts service_cases tickets", records=OF_RECORD),
    *deleted("marts", OF_EITHER, "service_touches", records=OF_RECORD, shown=False),
    *deleted("marts", OF_CUSTOMER, "conversations customer_figures customer_rfm customer_forecast journey_stages"),
    *deleted(
        "marts",
        OF_CUSTOMER,
        "channel_days conversation_members customer_activity customer_answers customer_sales first_orders "
        "journey_steps open_carts service_handovers",
        shown=False,
    ),
    *deleted("segments", OF_CUSTOMER, "customer_own_features customer_personas segment_memberships"),
    *deleted("segments", OF_CUSTOMER, "segment_membership_history", records=NONE),
    *deleted(
        "segments",
        OF_CUSTOMER,
        "segment_own_rule_members segment_shared_rule_members segment_rule_events",
        shown=False,
    ),
    *deleted(
        "segments",
        OF_CUSTOMER,
        "customer_habits customer_trait_vectors purchase_signals service_signals spending_steps",
        shown=False,
    ),
    PersonalTable(
        "segments",
        "segment_last_run",
        "(t.kind = 'record' and (t.key = any(%(records)s) or t.value = any(%(customers)s)))",
        rows_of_records="(t.kind = 'record' and t.key = any(%(records)s))",
        shown=False,
    ),
)
"""Where a person is in what was built; rows of several people together are figures."""

FREE: Final = {
    "golden.attribute_rules": "attribute unit rule is_essential is_compared essential_count",
    "golden.category_companions": "category companion",
    "golden.channels": "channel bought_through is_social",
    "golden.consent_rules": "source field stated channel purpose state",
    "golden.consent_states": "source field stated channel purpose state",
    "golden.persona_weights": "persona trait weight",
    "golden.personas": "persona label description priority",
    "golden.rfm_groups": "recency value rfm_group",
    "golden.service_topic_words": "word topic",
    "golden.source_priorities": "unit source entity priority",
    "golden.survivorship_rules": "attribute unit rule is_essential is_compared",
    "golden.unreachable_states": "source field stated kind reason",
    "marts.channel_consistency": "figure channel case_count channel_value mean_of_all ratio verdict",
    "marts.channel_handovers": "from_channel to_channel handover_count conversation_count median_hours",
    "marts.first_order_paths": "path customer_count share revenue median_days",
    "marts.journey_drop_off": "stage position next_stage reached went_on share median_days",
    "marts.journey_transitions": "from_channel to_channel step_count customer_count median_hours mean_hours",
    "marts.service_days": "day channel team cases_opened calls abandoned_calls answerable_cases "
    "cases_answered_within_two_hours cases_answered repeat_contacts reopens cases_closed_at_no_time cases_solved "
    "rating_count nps_count promoters detractors handovers first_reply_minutes resolution_minutes rating_sum",
    "marts.service_figures": "level month channel team cases_opened cases_solved cases_closed_at_no_time "
    "cases_answered answerable_cases cases_answered_within_two_hours repeat_contacts reopens calls abandoned_calls "
    "rating_count "
    "nps_count promoters detractors handovers resolution_minutes average_resolution_minutes first_reply_minutes "
    "average_first_reply_minutes median_first_reply_minutes share_answered_within_two_hours rating_sum csat nps "
    "backlog repeat_contact_share abandoned_call_share",
    "marts.service_topics": "topic case_count case_share solved_count average_resolution_minutes rating_count csat "
    "repeat_contacts repeat_contact_share",
    "segments.persona_cards": "persona label description customer_count share revenue value_share average_value "
    "channels needs journey journey_share categories reachable_share",
    "segments.segment_catalogue": "segment label description owner purpose destinations minimum_link_strength "
    "holds_back rule digest size",
    "segments.segment_conditions": "segment position path depth kind label sql seen_sql",
    "segments.segment_overlaps": "segment other_segment size other_size both_count only_count only_other_count jaccard",
    "segments.segment_reach": "segment channel reachable_count held_back_count weak_link_count consent_denied_count "
    "consent_unknown_count no_contact_point_count unreachable_count address_not_agreed_count address_refused_count "
    "rule_count",
    "segments.segment_sizes": "segment measured_on size email_reachable_count sms_reachable_count "
    "phone_reachable_count whatsapp_reachable_count advertising_reachable_count",
}
"""Tables without personal data, and the columns that this was judged by."""
