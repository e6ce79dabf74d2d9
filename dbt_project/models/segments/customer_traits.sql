-- How strongly each customer shows each trait that personas are scored from: 0 (not at all) to 1 (fully).
-- One row per customer and trait. The seed `persona_weights` may use any trait named here.
with

metrics as (

    select
        *,
        cast(nullif(order_count, 0) as numeric) as orders
    from {{ ref('customer_metrics') }}

)

select
    metrics.customer_id,
    shown.trait,
    cast(round(coalesce(least(greatest(shown.value, 0), 1), 0), 4) as numeric(5, 4)) as value,
    shown.seen
from metrics
cross join lateral (
    values
    ('everyone', 1.0, 'any customer'),
    ('order_frequency', metrics.orders / 10, metrics.order_count || ' orders'),
    (
        'recency',
        -- In steps, so that a profile does not change every day for everyone.
        case
            when metrics.days_since_last_order <= 30 then 1
            when metrics.days_since_last_order <= 90 then 0.7
            when metrics.days_since_last_order <= 180 then 0.3
        end,
        coalesce('last order on ' || to_char(metrics.last_order_at at time zone 'UTC', 'YYYY-MM-DD'), 'no order')
    ),
    (
        'channel_variety',
        cast(cardinality(metrics.order_channels) as numeric) / 3,
        cardinality(metrics.order_channels) || ' order channels'
    ),
    (
        'discount_share',
        -- Every second order is full; one discounted order alone is chance, so it takes three orders to count in full.
        least(coalesce(2 * metrics.discounted_order_count / metrics.orders, 0), 1) * least(metrics.orders / 3, 1),
        metrics.discounted_order_count || ' of ' || metrics.order_count || ' orders discounted'
    ),
    (
        'social_contact',
        cast(metrics.social_contact_count as numeric) / 4,
        metrics.social_contact_count || ' messages, comments and mentions'
    ),
    (
        'social_buying',
        metrics.instagram_order_count / metrics.orders,
        metrics.instagram_order_count || ' of ' || metrics.order_count || ' orders through Instagram'
    ),
    ('return_rate', metrics.return_count / metrics.orders, metrics.return_count || ' returns'),
    ('service_need', cast(metrics.ticket_count as numeric) / 3, metrics.ticket_count || ' tickets')
) as shown (trait, value, seen)
