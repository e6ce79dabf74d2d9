-- A record in two customers would show one person's orders to another; a record in none would vanish from the profile.
-- Two are ruled out by the keys: `record_customers` holds a record once, and that each has one row in
-- `identity_records` is tested there.
{{ config(meta={'dagster': {'ref': {'name': 'customers'}}}) }}

select identity_records.record_id
from {{ ref('identity_records') }} as identity_records
left join {{ source('identity', 'record_customers') }} as record_customers
    on identity_records.record_id = record_customers.record_id
left join {{ ref('customers') }} as customers
    on record_customers.customer_id = customers.customer_id
where customers.customer_id is null
