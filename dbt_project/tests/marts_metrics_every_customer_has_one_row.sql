-- Every customer has one row of metrics (one, the key says) and nobody else has; who never bought has zeros in it.
{{ config(meta={'dagster': {'ref': {'name': 'customer_metrics'}}}) }}

select
    coalesce(customers.customer_id, metrics.customer_id) as customer_id,
    metrics.order_count,
    metrics.revenue
from {{ ref('customers') }} as customers
full join {{ ref('customer_metrics') }} as metrics on customers.customer_id = metrics.customer_id
where
    metrics.customer_id is null
    or customers.customer_id is null
    or (metrics.order_count = 0) <> (metrics.first_order_at is null)
    or (
        metrics.order_count = 0
        and (
            (metrics.revenue, metrics.lifetime_value, metrics.predicted_lifetime_value, metrics.returned_order_count)
            <> (0, 0, 0, 0)
            or metrics.rfm_group is not null
        )
    )
