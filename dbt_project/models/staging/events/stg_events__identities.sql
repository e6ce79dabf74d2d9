-- Calls that say who somebody is. Grain: one row per identify, alias or group call.
select
    record_key,
    type,
    occurred_at,
    {{ events_usable_id('user_id') }} as user_id,
    {{ events_usable_id('anonymous_id') }} as anonymous_id,
    {{ events_usable_id('previous_id') }} as previous_id,
    group_id,
    full_name,
    coalesce(given_name, given_name_snake) as given_name,
    coalesce(family_name, family_name_snake) as family_name,
    email,
    phone,
    street,
    city,
    region,
    postcode,
    country,
    birth_date,
    occupation,
    nullif(btrim(case jsonb_typeof(company) when 'string' then company #>> '{}' else company ->> 'name' end), '')
        as organisation,
    {{ language_of('locale') }} as language,
    coalesce(created_at, created_at_snake) as created_at,
    coalesce(email_opt_in, email_opt_in_snake) as email_marketing_consent,
    coalesce(sms_opt_in, sms_opt_in_snake) as sms_marketing_consent,
    advertising_consent
from {{ ref('base_events__identities') }}
where quarantine_reason is null
