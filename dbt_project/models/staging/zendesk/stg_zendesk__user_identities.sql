-- The e-mails, phones and handles by which the help desk knows a user. Grain: one row per identity.
select
    identity_id,
    'zendesk:user:' || user_id as record_id,
    user_id,
    kind,
    value,
    is_verified,
    is_primary,
    created_at,
    updated_at
from {{ ref('base_zendesk__user_identities') }}
where quarantine_reason is null
