-- What each e-mail address and phone number may be used for. One row per customer, kind and value.
-- Marketing goes to an address only when a record that has this very address agreed to it: a merge brings a customer's
-- records together, and the consent that was given for one address must not open another. And only when no record of
-- the customer refuses. Service needs that nobody refused. Advertising is matched to a person, so it takes personal
-- addresses alone. What reaches nobody, or a stranger, is granted nothing.
{{ config(
    materialized='difference',
    key=['customer_id', 'kind', 'value'],
    together='customer_id',
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
        record_ids
    from {{ ref('contact_points') }}
    where kind in ('email', 'phone') and {{ only_changed('customer_id') }}

),

-- A fence: read once, and not by one look into the index per record.
agreed as materialized (

    select
        record_id,
        channel
    from {{ ref('consent_statements') }}
    where state = 'granted' and purpose = 'marketing' and {{ only_changed('customer_id') }}

),

-- One boolean per channel: sorting what agreed into an array would take longer than all the rest.
agreed_of_address as (

    select
        points.customer_id,
        points.kind,
        points.value,
        {{ agreed_by_channel() }}
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

)

select
    points.customer_id,
    points.kind,
    points.value,
    points.match_key,
    points.type,
    points.is_verified,
    case when points.is_primary then 1 when points.is_verified then 2 else 3 end as place,
    {{ granted_questions() }} as granted,
    coalesce(refused_of_customer.questions, cast('{}' as text[])) as refused
from points
left join agreed_of_address as agreed
    on points.customer_id = agreed.customer_id and points.kind = agreed.kind and points.value = agreed.value
left join refused_of_customer on points.customer_id = refused_of_customer.customer_id
