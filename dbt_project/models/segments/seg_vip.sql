-- Top spenders who keep coming back. One row per customer.
-- Thresholds: `vip_top_share` (share of buyers), `vip_lifetime_value` (enough by itself), `vip_minimum_orders`.
with

buyers as (

    select
        customer_id,
        lifetime_value,
        order_count,
        -- Equal spenders stand together, at the lower end of their places: a tie never makes everyone a VIP.
        count(*) over (order by lifetime_value desc) as standing,
        count(*) over () as buyer_count
    from {{ ref('customer_metrics') }}
    where lifetime_value > 0

)

select
    customer_id,
    jsonb_build_object(
        'lifetime_value', lifetime_value,
        'order_count', order_count,
        'among_the_top', round(cast(standing as numeric) / buyer_count, 3)
    ) as reason
from buyers
where
    order_count >= {{ var('vip_minimum_orders', 3) }}
    and (
        standing <= greatest(1, {{ var('vip_top_share', 0.05) }} * buyer_count)
        or lifetime_value >= {{ var('vip_lifetime_value', 5000) }}
    )
