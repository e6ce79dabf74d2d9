-- A record in two customers would show one person's orders to another; a record in none would vanish from the profile.
{{ config(meta={'dagster': {'ref': {'name': 'customers'}}}) }}

select
    identity_records.record_id,
    count(record_customers.customer_id) as customer_count
from {{ ref('identity_records') }} as identity_records
left join {{ source('identity', 'record_customers') }} as record_customers
    on identity_records.record_id = record_customers.record_id
left join {{ ref('customers') }} as customers
    on record_customers.customer_id = customers.customer_id
group by identity_records.record_id
having count(customers.customer_id) <> 1
