-- Top spenders who keep coming back. One row per customer.
-- Thresholds: `vip_top_share` (share of buyers), `vip_lifetime_value` (enough by itself), `vip_minimum_orders`.
with

buyers as (

    select
        customer_id,
        lifetime_value,
        order_count
    from {{ ref('customer_metrics') }}
    where lifetime_value > 0

),

bar as (

    select percentile_disc(1 - {{ var('vip_top_share', 0.05) }}) within group (order by lifetime_value) as top_value
    from buyers

)

select
    buyers.customer_id,
    jsonb_build_object(
        'lifetime_value', buyers.lifetime_value,
        'order_count', buyers.order_count,
        'bar', least(bar.top_value, {{ var('vip_lifetime_value', 5000) }})
    ) as reason
from buyers
cross join bar
where
    buyers.lifetime_value >= least(bar.top_value, {{ var('vip_lifetime_value', 5000) }})
    and buyers.order_count >= {{ var('vip_minimum_orders', 3) }}
