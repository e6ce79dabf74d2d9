-- Everyone whom the help desk knows: customers (role end-user) and the company's own agents. Grain: one row
-- per Zendesk user.
select
    'zendesk:user:' || user_id as record_id,
    user_id,
    full_name,
    email,
    phone,
    role,
    external_id,
    locale,
    is_verified,
    coalesce(is_active, true) as is_active,
    created_at
from {{ ref('base_zendesk__users') }}
where quarantine_reason is null
