-- How fast a ticket was answered and solved, in calendar minutes. Grain: one row per Zendesk ticket that has
-- metrics.
select
    metric_id,
    ticket_id,
    first_reply_minutes,
    full_resolution_minutes,
    reopens,
    replies,
    solved_at,
    updated_at
from {{ ref('base_zendesk__ticket_metrics') }}
where quarantine_reason is null
