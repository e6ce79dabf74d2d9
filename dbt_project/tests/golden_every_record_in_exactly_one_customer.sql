-- A record in two customers would show one person's orders to another; a record in none would vanish from the profile.
-- Two are ruled out by the keys: `record_customers` holds a record once, and that each has one row in
-- `identity_records` is tested there. Records are looked up one by one only where the sums differ (`weight_of`), or a
-- customer has no profile.
{{ config(meta={'dagster': {'ref': {'name': 'customers'}}}) }}

with

sums as (

    select
        (select coalesce(sum({{ weight_of(['record_id']) }}), 0) from {{ ref('identity_records') }}) as of_records,
        (
            select coalesce(sum({{ weight_of(['record_id']) }}), 0)
            from {{ source('identity', 'record_customers') }}
        ) as of_identity,
        (
            select count(*)
            from {{ source('identity', 'record_customers') }} as held
            left join {{ ref('customers') }} as customers on held.customer_id = customers.customer_id
            where customers.customer_id is null
        ) as without_profile

)

select identity_records.record_id
from {{ ref('identity_records') }} as identity_records
left join {{ source('identity', 'record_customers') }} as record_customers
    on identity_records.record_id = record_customers.record_id
left join {{ ref('customers') }} as customers
    on record_customers.customer_id = customers.customer_id
where
    (select sums.of_records <> sums.of_identity or sums.without_profile > 0 from sums)
    and customers.customer_id is null
