-- Everything golden knows of a customer in one document, so that it is served by one indexed read.
-- One row per customer. Others of the household are named by their id alone: a profile shows one person.
{{ config(
    materialized='difference',
    key=['customer_id'],
    announces='customer_id',
    follows=['record_inputs', 'golden_attributes', 'consents', 'contact_points', 'household_members', 'customers']
) }}
with

points as (

    select
        customer_id,
        jsonb_agg(
            jsonb_build_object(
                'kind', kind,
                'value', value,
                'type', type,
                'unreachable_reason', unreachable_reason,
                'is_primary', is_primary,
                'is_verified', is_verified,
                'record_ids', record_ids,
                'first_seen_at', {{ iso_timestamp('first_seen_at') }},
                'last_seen_at', {{ iso_timestamp('last_seen_at') }}
            )
            order by kind asc, is_primary desc, value asc
        ) as items
    from {{ ref('contact_points') }}
    where {{ only_changed('customer_id') }}
    group by customer_id

),

permissions as (

    select
        customer_id,
        jsonb_agg(
            jsonb_build_object(
                'channel', channel, 'purpose', purpose, 'state', state, 'basis', basis, 'evidence', evidence
            )
            order by channel, purpose
        ) as items
    from {{ ref('consents') }}
    where {{ only_changed('customer_id') }}
    group by customer_id

),

attributes as (

    select
        customer_id,
        jsonb_object_agg(
            attribute,
            jsonb_build_object(
                'value', value,
                'record_id', record_id,
                'source', source,
                'observed_at', {{ iso_timestamp('observed_at') }},
                'rule', rule,
                'is_verified', is_verified,
                'alternatives', alternatives
            )
            -- In the order of the index: a hash of sixty thousand half-built objects would take gigabytes.
            order by attribute
        ) as items
    from {{ ref('golden_attributes') }}
    where {{ only_changed('customer_id') }}
    group by customer_id

),

records as (

    select
        customer_id,
        jsonb_agg(
            jsonb_build_object(
                'record_id', record_id,
                'source', source,
                'entity', entity,
                'link_strength', link_strength,
                'first_seen_at', {{ iso_timestamp('first_seen_at') }},
                'last_seen_at', {{ iso_timestamp('last_seen_at') }}
            )
            order by record_id
        ) as items
    from {{ ref('record_inputs') }}
    where {{ only_changed('customer_id') }}
    group by customer_id

)

select
    customers.customer_id,
    jsonb_build_object(
        'customer_id', customers.customer_id,
        'name', jsonb_build_object(
            'full', customers.full_name, 'given', customers.given_name, 'family', customers.family_name
        ),
        'primary', jsonb_build_object(
            'email', customers.email,
            'phone', customers.phone,
            'instagram', customers.instagram_handle,
            'x', customers.x_handle
        ),
        'birth_date', to_char(customers.birth_date, 'YYYY-MM-DD'),
        'birth_place', customers.birth_place,
        'occupation', customers.occupation,
        'organisation', customers.organisation,
        'language', customers.language,
        'address', jsonb_build_object(
            'street', customers.street,
            'city', customers.city,
            'region', customers.region,
            'postcode', customers.postcode,
            'country', customers.country,
            'since', {{ iso_timestamp('customers.address_since') }},
            'previous_city', customers.previous_city
        ),
        'loyalty', case
            when
                coalesce(customers.loyalty_number, customers.loyalty_tier) is not null
                or customers.loyalty_points is not null or customers.member_since is not null
                then jsonb_build_object(
                    'number', customers.loyalty_number,
                    'tier', customers.loyalty_tier,
                    'points', customers.loyalty_points,
                    'member_since', to_char(customers.member_since, 'YYYY-MM-DD')
                )
        end,
        'household', case
            when members.household_id is not null
                then jsonb_build_object(
                    'household_id', members.household_id,
                    'bonds', members.bonds,
                    'other_customer_ids', members.other_customer_ids
                )
        end,
        'contact_points', coalesce(points.items, cast('[]' as jsonb)),
        'consents', coalesce(permissions.items, cast('[]' as jsonb)),
        'attributes', coalesce(attributes.items, cast('{}' as jsonb)),
        'records', records.items,
        'link_strength', customers.link_strength,
        'record_count', customers.record_count,
        'sources', customers.sources,
        'first_seen_at', {{ iso_timestamp('customers.first_seen_at') }},
        'last_seen_at', {{ iso_timestamp('customers.last_seen_at') }}
    ) as document
from {{ ref('customers') }} as customers
inner join records on customers.customer_id = records.customer_id
left join points on customers.customer_id = points.customer_id
left join permissions on customers.customer_id = permissions.customer_id
left join attributes on customers.customer_id = attributes.customer_id
left join {{ ref('household_members') }} as members on customers.customer_id = members.customer_id
where {{ only_changed('customers.customer_id') }}
