-- A customer without a row for a channel would be left to whoever asks: each question has one answer, stated or not.
{{ config(meta={'dagster': {'ref': {'name': 'consents'}}}) }}

select coalesce(customers.customer_id, consents.customer_id) as customer_id
from {{ ref('customers') }} as customers
full join {{ ref('consents') }} as consents on customers.customer_id = consents.customer_id
group by 1
having
    count(customers.customer_id) <> {{ consent_channels() | length * consent_purposes() | length }}
    or count(consents.customer_id) <> {{ consent_channels() | length * consent_purposes() | length }}
    or bool_or(consents.basis = 'default' and consents.state = 'granted' and consents.purpose <> 'service')
