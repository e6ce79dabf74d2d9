-- Accounts on X that wrote to or about the company, and the company's own. Grain: one row per X account.
select
    'x:user:' || user_id as record_id,
    user_id,
    username,
    full_name,
    location,
    created_at
from {{ ref('base_x__users') }}
where quarantine_reason is null
