-- People who buy through social media: in the Instagram shop, or soon after they wrote to us on a social channel.
-- One row per customer. Threshold: `social_attribution_days` between the conversation and the order.
with

conversions as (

    select
        orders.customer_id,
        count(distinct orders.order_id) as order_count
    from {{ ref('orders') }} as orders
    inner join {{ ref('interactions') }} as interactions
        on
            orders.customer_id = interactions.customer_id
            and interactions.kind in ('message', 'comment', 'mention')
            and interactions.direction = 'inbound'
            and interactions.channel in ('instagram', 'messenger', 'x')
            and orders.ordered_at >= interactions.occurred_at
            and interactions.occurred_at
            >= orders.ordered_at - interval '{{ var("social_attribution_days", 14) }} days'
    where orders.is_sale and orders.ordered_at <= {{ as_of() }}
    group by orders.customer_id

)

select
    metrics.customer_id,
    jsonb_build_object(
        'instagram_order_count', metrics.instagram_order_count,
        'orders_after_a_social_contact', coalesce(conversions.order_count, 0)
    ) as reason
from {{ ref('customer_metrics') }} as metrics
left join conversions on metrics.customer_id = conversions.customer_id
where metrics.instagram_order_count > 0 or conversions.order_count > 0
