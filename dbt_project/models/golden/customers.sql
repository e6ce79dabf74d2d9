-- The golden profile: the best-known attributes of each customer, side by side.
-- One row per customer. `golden_attributes` says where each value came from.
{%- set texts = [
    'full_name', 'given_name', 'family_name', 'email', 'phone', 'birth_date', 'street', 'city', 'region', 'postcode',
    'country', 'language', 'instagram_handle', 'x_handle', 'birth_place', 'occupation', 'organisation',
    'loyalty_number', 'loyalty_tier', 'loyalty_points', 'member_since'
] %}
{{ config(
    materialized='difference',
    key=['customer_id'],
    announces='customer_id',
    follows=['record_inputs', 'golden_attributes', 'consents', 'contact_points', 'household_members']
) }}
with

records as (

    select
        customer_id,
        min(link_strength) as link_strength,
        count(*) as record_count,
        array_agg(distinct source order by source) as sources,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from {{ ref('record_inputs') }}
    where {{ only_changed('customer_id') }}
    group by customer_id

),

attributes as (

    select
        customer_id,
        {%- for attribute in texts %}
            max(value) filter (where attribute = '{{ attribute }}') as {{ attribute }},
        {%- endfor %}
        coalesce(
            max(first_observed_at) filter (where attribute = 'street'),
            max(first_observed_at) filter (where attribute = 'city')
        ) as address_since
    from {{ ref('golden_attributes') }}
    where {{ only_changed('customer_id') }}
    group by customer_id

),

-- Where an address of before was: the newest city that lost, of an address as whole as the one that won.
moved as (

    select distinct on (cities.customer_id)
        cities.customer_id,
        former.item ->> 'value' as previous_city
    from {{ ref('golden_attributes') }} as cities
    cross join lateral jsonb_array_elements(cities.alternatives) with ordinality as former (item, place)
    where
        cities.attribute = 'city'
        and former.item ->> 'lost_because' <> 'lacks a part that the winner has'
        and former.item ->> 'observed_at' < {{ iso_timestamp('cities.observed_at') }}
        and {{ only_changed('cities.customer_id') }}
    order by cities.customer_id asc, former.item ->> 'observed_at' desc, former.place asc

),

consents as (

    select
        customer_id,
        max(state) filter (where channel = 'email') as email_marketing_consent,
        max(state) filter (where channel = 'sms') as sms_marketing_consent
    from {{ ref('consents') }}
    where purpose = 'marketing' and {{ only_changed('customer_id') }}
    group by customer_id

),

reachable as (

    select
        customer_id,
        bool_or(kind = 'email') as by_email,
        bool_or(kind = 'phone') as by_phone
    from {{ ref('contact_points') }}
    where type <> 'unreachable' and {{ only_changed('customer_id') }}
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
    coalesce(consents.sms_marketing_consent, 'unknown') as sms_marketing_consent,
    attributes.birth_place,
    attributes.occupation,
    attributes.organisation,
    attributes.loyalty_number,
    attributes.loyalty_tier,
    cast(attributes.loyalty_points as numeric) as loyalty_points,
    cast(attributes.member_since as date) as member_since,
    attributes.address_since,
    moved.previous_city,
    coalesce(reachable.by_email, false) as email_reachable,
    coalesce(reachable.by_phone, false) as phone_reachable,
    members.household_id
from records
left join attributes on records.customer_id = attributes.customer_id
left join moved on records.customer_id = moved.customer_id
left join consents on records.customer_id = consents.customer_id
left join reachable on records.customer_id = reachable.customer_id
left join {{ ref('household_members') }} as members on records.customer_id = members.customer_id
