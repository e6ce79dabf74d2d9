-- How the customer rated the help. Grain: one row per rating that was offered or given.
select
    rating_id,
    ticket_id,
    'zendesk:user:' || requester_id as record_id,
    score,
    comment,
    created_at,
    updated_at
from {{ ref('base_zendesk__satisfaction_ratings') }}
where quarantine_reason is null
