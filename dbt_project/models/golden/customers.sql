-- The golden profile: the best-known attributes of each customer, side by side.
-- One row per customer. `golden_attributes` says where each value came from.
with

records as (

    select
        record_customers.customer_id,
        min(record_customers.link_strength) as link_strength,
        count(*) as record_count,
        array_agg(distinct identity_records.source order by identity_records.source) as sources,
        min(least(identity_records.created_at, identity_records.updated_at)) as first_seen_at,
        max(greatest(identity_records.created_at, identity_records.updated_at)) as last_seen_at
    from {{ source('identity', 'record_customers') }} as record_customers
    inner join {{ ref('identity_records') }} as identity_records
        on record_customers.record_id = identity_records.record_id
    group by record_customers.customer_id

),

attributes as (

    select
        customer_id,
        max(value) filter (where attribute = 'full_name') as full_name,
        max(value) filter (where attribute = 'given_name') as given_name,
        max(value) filter (where attribute = 'family_name') as family_name,
        max(value) filter (where attribute = 'email') as email,
        max(value) filter (where attribute = 'phone') as phone,
        max(value) filter (where attribute = 'birth_date') as birth_date,
        max(value) filter (where attribute = 'street') as street,
        max(value) filter (where attribute = 'city') as city,
        max(value) filter (where attribute = 'region') as region,
        max(value) filter (where attribute = 'postcode') as postcode,
        max(value) filter (where attribute = 'country') as country,
        max(value) filter (where attribute = 'language') as language,
        max(value) filter (where attribute = 'instagram_handle') as instagram_handle,
        max(value) filter (where attribute = 'x_handle') as x_handle
    from {{ ref('golden_attributes') }}
    group by customer_id

),

consents as (

    select
        customer_id,
        max(state) filter (where channel = 'email') as email_marketing_consent,
        max(state) filter (where channel = 'sms') as sms_marketing_consent
    from {{ ref('consents') }}
    where purpose = 'marketing'
    group by customer_id

)

select
    records.customer_id,
    coalesce(
        attributes.full_name, nullif(concat_ws(' ', attributes.given_name, attributes.family_name), '')
    ) as full_name,
    attributes.given_name,
    attributes.family_name,
    attributes.email,
    attributes.phone,
    cast(attributes.birth_date as date) as birth_date,
    attributes.street,
    attributes.city,
    attributes.region,
    attributes.postcode,
    attributes.country,
    attributes.language,
    attributes.instagram_handle,
    attributes.x_handle,
    records.link_strength,
    records.record_count,
    records.sources,
    records.first_seen_at,
    records.last_seen_at,
    coalesce(consents.email_marketing_consent, 'unknown') as email_marketing_consent,
    coalesce(consents.sms_marketing_consent, 'unknown') as sms_marketing_consent
from records
left join attributes on records.customer_id = attributes.customer_id
left join consents on records.customer_id = consents.customer_id
