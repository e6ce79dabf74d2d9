-- Requests to the help desk. Grain: one row per Zendesk ticket.
select
    ticket_id,
    'zendesk:user:' || requester_id as record_id,
    subject,
    {{ zendesk_channel('via_channel') }} as channel,
    status,
    priority,
    group_id,
    created_at,
    updated_at,
    due_at
from {{ ref('base_zendesk__tickets') }}
where quarantine_reason is null
