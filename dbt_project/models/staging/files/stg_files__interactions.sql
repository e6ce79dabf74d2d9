-- Touchpoints from files that a mapping brought in. A shared device belongs to nobody: what a user did on it is that
-- user's own record's, the rest is nobody's. Grain: one row per interaction of a file.
select
    touches.interaction_id,
    case
        when devices.record_id is null then touches.record_id
        else coalesce(touches.external_ids[1], touches.record_id)
    end as record_id,
    touches.stream,
    touches.source,
    touches.occurred_at,
    touches.channel,
    touches.kind,
    touches.direction,
    touches.subject,
    touches.body,
    touches.thread_id,
    touches.reference_id,
    touches.amount,
    touches.currency,
    touches.quantity,
    touches.product_id,
    touches.product_title,
    touches.category,
    touches.sentiment,
    touches.rating,
    touches.rating_scale,
    touches.team,
    touches.agent,
    touches.topic,
    touches.status,
    coalesce(
        touches.first_reply_at,
        case when touches.kind = 'ticket' then replies.first_reply_at end
    ) as first_reply_at,
    touches.closed_at,
    touches.wait_seconds,
    touches.handle_seconds,
    touches.outcome,
    touches.session_id,
    touches.url,
    touches.campaign,
    touches.utm_source,
    touches.utm_medium
from {{ ref('base_files__interactions') }} as touches
left join {{ ref('stg_files__shared_devices') }} as devices on touches.record_id = devices.record_id
left join {{ ref('base_files__first_replies') }} as replies
    on touches.source = replies.source and touches.thread_id = replies.thread_id
where touches.quarantine_reason is null
