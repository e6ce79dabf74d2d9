-- The basket that each customer left last at the checkout, when they have bought nothing since, in any channel.
-- One row per customer with such a basket. One that was filled again, and bought, is not open.
{{ config(
    materialized='difference',
    key=['customer_id'],
    announces='customer_id',
    follows=['checkouts', 'customer_sales']
) }}
with

latest as (

    select distinct on (customer_id)
        customer_id,
        checkout_id,
        started_at,
        total_amount,
        currency,
        product_ids
    from {{ ref('checkouts') }}
    where
        customer_id is not null
        and started_at <= {{ as_of() }}
        and (completed_at is null or completed_at > {{ as_of() }})
        and {{ only_changed('customer_id') }}
    order by customer_id asc, started_at desc, checkout_id desc

)

select
    latest.customer_id,
    latest.checkout_id,
    latest.started_at,
    latest.total_amount,
    latest.currency,
    latest.product_ids
from latest
left join {{ ref('customer_sales') }} as sales on latest.customer_id = sales.customer_id
where sales.last_order_at is null or sales.last_order_at < latest.started_at
