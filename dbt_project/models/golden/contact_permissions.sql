-- What each e-mail address and phone number may be used for. One row per customer, kind and value.
-- Marketing goes to an address only when a record that has this very address agreed to it: a merge brings a customer's
-- records together, and the consent that was given for one address must not open another. And only when no record of
-- the customer refuses. Service needs that nobody refused. Advertising is matched to a person, so it takes personal
-- addresses alone. What reaches nobody, or a stranger, is granted nothing.
{{ config(
    materialized='difference',
    key=['customer_id', 'kind', 'value'],
    announces='customer_id',
    follows=['contact_points', 'consents', 'consent_statements']
) }}
with

points as (

    select
        customer_id,
        kind,
        value,
        match_key,
        type,
        is_primary,
        is_verified,
        record_ids,
        last_seen_at
    from {{ ref('contact_points') }}
    where kind in ('email', 'phone') and {{ only_changed('customer_id') }}

),

agreed as (

    select
        record_id,
        channel || ':' || purpose as question
    from {{ ref('consent_statements') }}
    where state = 'granted' and purpose = 'marketing' and {{ only_changed('customer_id') }}

),

agreed_of_address as (

    select
        points.customer_id,
        points.kind,
        points.value,
        array_agg(distinct agreed.question) as questions
    from points
    cross join lateral unnest(points.record_ids) as carriers (record_id)
    inner join agreed on carriers.record_id = agreed.record_id
    group by points.customer_id, points.kind, points.value

),

refused_of_customer as (

    select
        customer_id,
        array_agg(channel || ':' || purpose order by channel, purpose) as questions
    from {{ ref('consents') }}
    where state = 'denied' and {{ only_changed('customer_id') }}
    group by customer_id

),

weighed as (

    select
        points.customer_id,
        points.kind,
        points.value,
        points.match_key,
        points.type,
        points.is_primary,
        points.is_verified,
        points.last_seen_at,
        coalesce(agreed_of_address.questions, cast('{}' as text[])) as agreed,
        coalesce(refused_of_customer.questions, cast('{}' as text[])) as refused
    from points
    left join agreed_of_address
        on
            points.customer_id = agreed_of_address.customer_id
            and points.kind = agreed_of_address.kind
            and points.value = agreed_of_address.value
    left join refused_of_customer on points.customer_id = refused_of_customer.customer_id

)

select
    customer_id,
    kind,
    value,
    match_key,
    type,
    is_verified,
    -- Which one to write to first: the golden one, then one that a source vouches for, then the newest.
    cast(
        row_number() over (
            partition by customer_id, kind
            order by is_primary desc, is_verified desc, last_seen_at desc nulls last, value collate "C" asc
        ) as integer
    ) as place,
    {{ granted_questions() }} as granted,
    refused
from weighed
