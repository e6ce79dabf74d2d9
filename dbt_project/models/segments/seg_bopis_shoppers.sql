-- People who buy online and pick up in a store. One row per customer. Threshold: `bopis_minimum_orders`.
select
    customer_id,
    jsonb_build_object(
        'pickup_order_count', pickup_order_count,
        'order_count', order_count
    ) as reason
from {{ ref('customer_metrics') }}
where pickup_order_count >= {{ var('bopis_minimum_orders', 1) }}
