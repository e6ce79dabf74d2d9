-- Nobody is at a stage without having passed those before it, no stage is reached before the one it follows from, and
-- who bought in the journey is who bought in the figures. Every customer has a row, and nobody else.
{{ config(meta={'dagster': {'ref': {'name': 'journey_stages'}}}) }}

select coalesce(customers.customer_id, stages.customer_id) as customer_id
from {{ ref('customers') }} as customers
full join {{ ref('journey_stages') }} as stages on customers.customer_id = stages.customer_id
left join {{ ref('customer_sales') }} as sales on stages.customer_id = sales.customer_id
where
    customers.customer_id is null
    or stages.customer_id is null
    or coalesce(stages.aware_at, 'infinity') > coalesce(stages.engaged_at, 'infinity')
    or coalesce(stages.engaged_at, 'infinity') > coalesce(stages.considering_at, 'infinity')
    or coalesce(stages.considering_at, 'infinity') > coalesce(stages.bought_at, 'infinity')
    or coalesce(stages.bought_at, 'infinity') > coalesce(stages.served_at, 'infinity')
    or coalesce(stages.bought_at, 'infinity') >= coalesce(stages.loyal_at, 'infinity') and stages.loyal_at is not null
    or stages.bought_at is distinct from sales.first_order_at
