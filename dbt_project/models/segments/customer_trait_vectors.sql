-- How strongly each customer shows each trait that personas are scored from: 0 (not at all) to 1 (fully).
-- One row per customer, the traits side by side in lists of one order; `customer_traits` shows them one by one. The
-- seed `persona_weights` may use any trait named here, and `braid personas propose` looks for groups in all of them.
-- What moves with the clock counts in steps, so that a customer is scored again when something happened, not every day.
{{ config(
    materialized='difference',
    key=['customer_id'],
    announces='customer_id',
    follows=['customer_figures', 'spending_steps']
) }}
with

metrics as (

    select
        figures.*,
        steps.strength as spending,
        cast(nullif(figures.order_count, 0) as numeric) as orders,
        -- One or two orders are chance, so a share of the orders counts in full from the third order on.
        least(cast(figures.order_count as numeric) / 3, 1) as certainty,
        coalesce(to_char(figures.customer_since at time zone 'UTC', 'YYYY-MM-DD'), 'nobody knows when') as since
    from {{ ref('customer_figures') }} as figures
    left join {{ ref('spending_steps') }} as steps on figures.customer_id = steps.customer_id
    where {{ only_changed('figures.customer_id') }}

)

select
    metrics.customer_id,
    shown.traits,
    shown.strengths,
    shown.seen
from metrics
cross join lateral (
    select
        array_agg(one.trait order by one.trait) as traits,
        cast(
            array_agg(round(coalesce(least(greatest(one.value, 0), 1), 0), 4) order by one.trait) as numeric(5, 4)[]
        ) as strengths,
        array_agg(one.seen order by one.trait) as seen
    from (
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
            metrics.spending,
            'kept orders worth ' || metrics.lifetime_value || ' ' || metrics.currency
        ),
        (
            'newness',
            case
                when metrics.tenure_days <= 30 then 1
                when metrics.tenure_days <= 90 then 0.7
            end,
            'known since ' || metrics.since
        ),
        (
            'tenure',
            case
                when metrics.tenure_days >= 3650 then 1
                when metrics.tenure_days >= 1825 then 0.7
                when metrics.tenure_days >= 730 then 0.4
            end,
            'known since ' || metrics.since
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
        (
            'return_rate',
            metrics.returned_order_count / metrics.orders * metrics.certainty,
            metrics.returned_order_count || ' of ' || metrics.order_count || ' orders came back'
        ),
        (
            'browsing',
            cast(metrics.product_view_count as numeric) / 20,
            metrics.product_view_count || ' products looked at'
        ),
        ('calling', cast(metrics.call_count as numeric) / 3, metrics.call_count || ' calls'),
        ('service_need', cast(metrics.ticket_count as numeric) / 3, metrics.ticket_count || ' tickets')
    ) as one (trait, value, seen)
) as shown
