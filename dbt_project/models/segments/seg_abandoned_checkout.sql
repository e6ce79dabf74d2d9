-- People who left a basket at the checkout and have not ordered since, in any channel. One row per customer, for the
-- latest such basket. Threshold: `abandoned_checkout_days`.
with

left_baskets as (

    select distinct on (checkouts.customer_id)
        checkouts.customer_id,
        checkouts.checkout_id,
        checkouts.started_at,
        checkouts.total_amount,
        checkouts.currency,
        checkouts.product_ids
    from {{ ref('checkouts') }} as checkouts
    where
        checkouts.customer_id is not null
        and checkouts.completed_at is null
        and checkouts.started_at <= {{ as_of() }}
        and checkouts.started_at >= {{ as_of() }} - interval '{{ var("abandoned_checkout_days", 14) }} days'
    order by checkouts.customer_id asc, checkouts.started_at desc, checkouts.checkout_id desc

)

select
    left_baskets.customer_id,
    jsonb_build_object(
        'checkout_id', left_baskets.checkout_id,
        'started_at', {{ iso_timestamp('left_baskets.started_at') }},
        'amount', left_baskets.total_amount,
        'currency', left_baskets.currency,
        'product_ids', left_baskets.product_ids
    ) as reason
from left_baskets
where
    not exists (
        select 1
        from {{ ref('orders') }} as orders
        where
            orders.customer_id = left_baskets.customer_id
            and orders.is_sale
            and orders.ordered_at >= left_baskets.started_at
            and orders.ordered_at <= {{ as_of() }}
    )
