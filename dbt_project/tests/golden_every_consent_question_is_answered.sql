-- A customer without a row for a channel would be left to whoever asks: each question has one answer, stated or not.
{{ config(meta={'dagster': {'ref': {'name': 'consents'}}}) }}

with

answered as (

    select
        customer_id,
        count(*) as answers,
        bool_or(basis = 'default' and state = 'granted' and purpose <> 'service') as assumes_too_much
    from {{ ref('consents') }}
    group by customer_id

)

select coalesce(customers.customer_id, answered.customer_id) as customer_id
from {{ ref('customers') }} as customers
full join answered on customers.customer_id = answered.customer_id
where
    customers.customer_id is null
    or answered.answers is distinct from {{ consent_channels() | length * consent_purposes() | length }}
    or answered.assumes_too_much
