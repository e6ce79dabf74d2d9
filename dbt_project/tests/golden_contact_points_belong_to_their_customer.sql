-- A contact point whose record is another customer's would ring somebody else's phone; one that golden lost would leave
-- the agent asking for a number that the company has. What contact points hold is what records say, and it is compared
-- line by line only where the sums differ (`weight_of`).
{{ config(meta={
    'dagster': {'ref': {'name': 'contact_points'}},
    'follows': ['contact_points', 'record_identifiers', 'identity.record_customers']
}) }}

with

told as (

    select
        points.customer_id,
        held.record_id,
        points.kind,
        points.value
    from {{ ref('contact_points') }} as points
    cross join lateral unnest(points.record_ids) as held (record_id)
    where {{ only_changed('points.customer_id') }}

),

identifiers as not materialized (

    select
        record_id,
        customer_id,
        kind,
        value
    from {{ ref('record_identifiers') }}
    where {{ only_changed('customer_id') }}

),

sums as (

    select
        (
            select coalesce(sum({{ weight_of(["coalesce(record_id, '')", 'customer_id', 'kind', 'value']) }}), 0)
            from told
        ) as of_points,
        (
            select coalesce(sum({{ weight_of(['record_id', 'customer_id', 'kind', 'value']) }}), 0)
            from identifiers
        ) as of_records

)

select
    'contact point and identifier' as differ,
    coalesce(told.record_id, identifiers.record_id) as record_id
from told
full join identifiers
    on
        told.record_id = identifiers.record_id
        and told.kind = identifiers.kind
        and told.value = identifiers.value
        and told.customer_id = identifiers.customer_id
where
    (select sums.of_points <> sums.of_records from sums)
    and (told.record_id is null or identifiers.record_id is null)

union all

select
    'customer and identity' as differ,
    held.record_id
from {{ ref('record_identifiers') }} as held
left join {{ source('identity', 'record_customers') }} as record_customers
    on held.record_id = record_customers.record_id
where
    {{ only_changed('held.record_id') }}
    and held.customer_id is distinct from record_customers.customer_id
