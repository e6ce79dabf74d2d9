-- Nobody is left without a persona, and nobody has two.
{{ config(meta={'dagster': {'ref': {'name': 'customer_personas'}}}) }}

select
    customers.customer_id,
    count(personas.persona) as persona_count
from {{ ref('customers') }} as customers
left join {{ ref('customer_personas') }} as personas
    on customers.customer_id = personas.customer_id
group by customers.customer_id
having count(personas.persona) <> 1
