-- A contact point whose record is another customer's would ring somebody else's phone; one that golden lost would leave
-- the agent asking for a number that the company has.
{{ config(meta={'dagster': {'ref': {'name': 'contact_points'}}}) }}

with

told as (

    select
        points.customer_id,
        held.record_id,
        points.kind,
        points.value
    from {{ ref('contact_points') }} as points
    cross join lateral unnest(points.record_ids) as held (record_id)

)

select coalesce(told.record_id, identifiers.record_id) as record_id
from told
full join {{ ref('record_identifiers') }} as identifiers
    on
        told.record_id = identifiers.record_id
        and told.kind = identifiers.kind
        and told.value = identifiers.value
        and told.customer_id = identifiers.customer_id
left join {{ source('identity', 'record_customers') }} as record_customers
    on told.record_id = record_customers.record_id
where
    told.record_id is null
    or identifiers.record_id is null
    or told.customer_id is distinct from record_customers.customer_id
