-- People who buy through social media: in the Instagram shop, or soon after they wrote to us on a social channel.
-- One row per customer. Threshold: `social_attribution_days` between the conversation and the order.
with

moments as (

    select
        customer_id,
        occurred_at as contacted_at,
        cast(null as timestamptz) as ordered_at,
        occurred_at as happened_at
    from {{ ref('interactions') }}
    where
        customer_id is not null
        and kind in ('message', 'comment', 'mention')
        and direction = 'inbound'
        and channel in ('instagram', 'messenger', 'x')

    union all

    select
        customer_id,
        cast(null as timestamptz) as contacted_at,
        ordered_at,
        ordered_at as happened_at
    from {{ ref('orders') }}
    where customer_id is not null and is_sale and ordered_at <= {{ as_of() }}

),

followed as (

    select
        customer_id,
        ordered_at,
        max(contacted_at) over (partition by customer_id order by happened_at) as last_contacted_at
    from moments

),

conversions as (

    select
        customer_id,
        count(*) as order_count,
        max(ordered_at) as last_order_at
    from followed
    where ordered_at - last_contacted_at <= interval '{{ var("social_attribution_days", 14) }} days'
    group by customer_id

)

select
    metrics.customer_id,
    jsonb_build_object(
        'instagram_order_count', metrics.instagram_order_count,
        'orders_after_a_social_contact', coalesce(conversions.order_count, 0),
        'last_order_after_a_social_contact_at', {{ iso_timestamp('conversions.last_order_at') }}
    ) as reason
from {{ ref('customer_metrics') }} as metrics
left join conversions on metrics.customer_id = conversions.customer_id
where metrics.instagram_order_count > 0 or conversions.order_count > 0
