-- Nobody is at a stage without having passed those before it, no stage is reached before the one it follows from, and
-- who bought in the journey is who bought in the figures.
{{ config(meta={'dagster': {'ref': {'name': 'journey_stages'}}}) }}

select stages.customer_id
from {{ ref('journey_stages') }} as stages
left join {{ ref('customer_sales') }} as sales on stages.customer_id = sales.customer_id
where
    coalesce(stages.aware_at, 'infinity') > coalesce(stages.engaged_at, 'infinity')
    or coalesce(stages.engaged_at, 'infinity') > coalesce(stages.considering_at, 'infinity')
    or coalesce(stages.considering_at, 'infinity') > coalesce(stages.bought_at, 'infinity')
    or coalesce(stages.bought_at, 'infinity') > coalesce(stages.served_at, 'infinity')
    or coalesce(stages.bought_at, 'infinity') >= coalesce(stages.loyal_at, 'infinity') and stages.loyal_at is not null
    or stages.bought_at is distinct from sales.first_order_at

union all

select customers.customer_id
from {{ ref('customers') }} as customers
left join {{ ref('journey_stages') }} as stages on customers.customer_id = stages.customer_id
where stages.customer_id is null
