-- How strongly each customer shows each trait that personas are scored from: 0 (not at all) to 1 (fully).
-- One row per customer and trait. The seed `persona_weights` may use any trait named here, and `braid personas propose`
-- looks for groups in all of them.
with

metrics as (

    select
        *,
        cast(nullif(order_count, 0) as numeric) as orders,
        -- One or two orders are chance, so a share of the orders counts in full from the third order on.
        least(cast(order_count as numeric) / 3, 1) as certainty,
        floor(extract(epoch from {{ as_of() }} - coalesce(first_interaction_at, first_order_at)) / 86400) as days_known,
        -- Equal spenders stand together, at the lower end of their places: a tie never makes everyone a big spender.
        case
            when lifetime_value > 0 then
                cast(count(*) filter (where lifetime_value > 0) over (order by lifetime_value desc) as numeric)
                / count(*) filter (where lifetime_value > 0) over ()
        end as among_the_top
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
        'spending',
        case
            when metrics.among_the_top <= 0.05 then 1
            when metrics.among_the_top <= 0.1 then 0.8
            when metrics.among_the_top <= 0.2 then 0.5
            when metrics.among_the_top <= 0.5 then 0.2
        end,
        'kept orders worth ' || metrics.lifetime_value || ' ' || metrics.currency
    ),
    (
        'newness',
        case
            when metrics.days_known <= 30 then 1
            when metrics.days_known <= 90 then 0.7
        end,
        coalesce(
            'first met on ' || to_char(
                coalesce(metrics.first_interaction_at, metrics.first_order_at) at time zone 'UTC', 'YYYY-MM-DD'
            ),
            'never met'
        )
    ),
    (
        'channel_variety',
        cast(cardinality(metrics.order_channels) as numeric) / 3,
        cardinality(metrics.order_channels) || ' order channels'
    ),
    (
        'store_share',
        metrics.store_order_count / metrics.orders * metrics.certainty,
        metrics.store_order_count || ' of ' || metrics.order_count || ' orders in a store'
    ),
    (
        'online_share',
        metrics.web_order_count / metrics.orders * metrics.certainty,
        metrics.web_order_count || ' of ' || metrics.order_count || ' orders on the web'
    ),
    (
        'pickup_share',
        metrics.pickup_order_count / metrics.orders * metrics.certainty,
        metrics.pickup_order_count || ' of ' || metrics.order_count || ' orders picked up in a store'
    ),
    (
        'discount_share',
        -- Every second order is full.
        least(coalesce(2 * metrics.discounted_order_count / metrics.orders, 0), 1) * metrics.certainty,
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
    ('return_rate', metrics.return_count / metrics.orders * metrics.certainty, metrics.return_count || ' returns'),
    ('service_need', cast(metrics.ticket_count as numeric) / 3, metrics.ticket_count || ' tickets')
) as shown (trait, value, seen)
