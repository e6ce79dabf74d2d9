-- The omnichannel timeline: every touchpoint of every channel in one shape, with the conversation it belongs to.
-- One row per touchpoint. A touchpoint whose record is unknown, or belongs to nobody, keeps a null customer.
{{ config(materialized='view') }}

select
    touchpoints.interaction_id,
    touchpoints.customer_id,
    touchpoints.record_id,
    touchpoints.occurred_at,
    touchpoints.channel,
    touchpoints.kind,
    touchpoints.direction,
    touchpoints.subject,
    touchpoints.body,
    touchpoints.amount,
    touchpoints.currency,
    touchpoints.quantity,
    touchpoints.sentiment,
    touchpoints.rating,
    touchpoints.rating_scale,
    touchpoints.source,
    touchpoints.reference_id,
    touchpoints.source_thread_id,
    touchpoints.order_id,
    touchpoints.order_evidence,
    members.conversation_id,
    touchpoints.team,
    touchpoints.agent,
    touchpoints.product_id,
    touchpoints.product_title,
    touchpoints.category,
    touchpoints.campaign,
    touchpoints.outcome,
    touchpoints.wait_seconds,
    touchpoints.handle_seconds,
    touchpoints.session_id
from {{ ref('touchpoints') }} as touchpoints
left join {{ ref('conversation_members') }} as members on touchpoints.interaction_id = members.interaction_id
