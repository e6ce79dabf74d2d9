-- What purchases say beyond the figures of customer_metrics: the favourite category's weight, categories that would go
-- with it, orders that followed a social contact. One row per customer who bought something.
-- Variables: `cross_sell_days`, `social_attribution_days` (between the contact and the order).
{{ config(
    materialized='difference',
    key=['customer_id'],
    announces='customer_id',
    follows=['order_lines', 'orders', 'touchpoints'],
    watches=['category_companions']
) }}
with

bought as (

    select
        customer_id,
        lower(category) as category,
        min(category) as written_category,
        sum(quantity) as units,
        count(distinct order_id) as order_count,
        max(ordered_at) as last_bought_at
    from {{ ref('order_lines') }}
    where
        customer_id is not null and is_sale and category is not null and ordered_at <= {{ as_of() }}
        and {{ only_changed('customer_id') }}
    group by customer_id, lower(category)

),

suggestions as (

    select
        bought.customer_id,
        jsonb_agg(
            jsonb_build_object(
                'bought', bought.category,
                'never_bought', lower(companions.companion),
                'last_bought_at', {{ iso_timestamp('bought.last_bought_at') }}
            )
            order by bought.last_bought_at desc, bought.category asc, companions.companion asc
        ) as cross_sell_suggestions
    from bought
    inner join {{ ref('category_companions') }} as companions
        on bought.category = lower(companions.category)
    left join bought as companion_bought
        on bought.customer_id = companion_bought.customer_id and lower(companions.companion) = companion_bought.category
    where
        companion_bought.category is null
        and bought.last_bought_at >= {{ as_of() }} - interval '{{ var("cross_sell_days", 60) }} days'
    group by bought.customer_id

),

categories as (

    select distinct on (customer_id)
        customer_id,
        order_count as top_category_order_count,
        round(units / nullif(sum(units) over (partition by customer_id), 0), 4) as top_category_share,
        written_category as top_category
    from bought
    order by customer_id asc, units desc, last_bought_at desc, category asc

),

moments as (

    select
        customer_id,
        occurred_at as contacted_at,
        cast(null as timestamptz) as ordered_at,
        occurred_at as happened_at
    from {{ ref('touchpoints') }}
    where
        customer_id is not null
        and kind in ('message', 'comment', 'mention')
        and direction = 'inbound'
        and channel in ('instagram', 'messenger', 'facebook', 'x')
        and is_past
        and {{ only_changed('customer_id') }}

    union all

    select
        customer_id,
        cast(null as timestamptz) as contacted_at,
        ordered_at,
        ordered_at as happened_at
    from {{ ref('orders') }}
    where
        customer_id is not null and is_sale and ordered_at <= {{ as_of() }}
        and {{ only_changed('customer_id') }}

),

followed as (

    select
        customer_id,
        ordered_at,
        max(contacted_at) over (partition by customer_id order by happened_at) as last_contacted_at
    from moments

),

buyers as (

    select
        customer_id,
        count(*) filter (
            where ordered_at - last_contacted_at <= interval '{{ var("social_attribution_days", 14) }} days'
        ) as order_count_after_social_contact,
        max(ordered_at) filter (
            where ordered_at - last_contacted_at <= interval '{{ var("social_attribution_days", 14) }} days'
        ) as last_order_after_social_contact_at
    from followed
    where ordered_at is not null
    group by customer_id

)

select
    buyers.customer_id,
    buyers.order_count_after_social_contact,
    buyers.last_order_after_social_contact_at,
    categories.top_category,
    coalesce(categories.top_category_order_count, 0) as top_category_order_count,
    cast(coalesce(categories.top_category_share, 0) as numeric(5, 4)) as top_category_share,
    coalesce(suggestions.cross_sell_suggestions, cast('[]' as jsonb)) as cross_sell_suggestions
from buyers
left join categories on buyers.customer_id = categories.customer_id
left join suggestions on buyers.customer_id = suggestions.customer_id
