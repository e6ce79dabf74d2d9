-- What each customer bought, as of now. One row per customer who ever bought.
--
-- Orders count whatever their currency; money is summed in the reporting currency only (the variable
-- `reporting_currency`), because adding different currencies gives a number that means nothing.
{{ config(
    materialized='difference',
    key=['customer_id'],
    announces='customer_id',
    follows=['orders', 'order_lines']
) }}
with

sales as (

    select
        *,
        coalesce(currency, '') = '{{ var("reporting_currency", "USD") }}' as is_reported
    from {{ ref('orders') }}
    where
        is_sale and customer_id is not null and ordered_at <= {{ as_of() }}
        and {{ only_changed('customer_id') }}

),

categories as (

    select
        customer_id,
        category,
        sum(quantity) as units,
        max(ordered_at) as last_bought_at
    from {{ ref('order_lines') }}
    where
        is_sale and category is not null and customer_id is not null and ordered_at <= {{ as_of() }}
        and {{ only_changed('customer_id') }}
    group by customer_id, category

),

favourites as (

    select
        customer_id,
        count(*) as category_count,
        (array_agg(category order by units desc, last_bought_at desc, category asc))[1] as favourite_category
    from categories
    group by customer_id

),

figures as (

    select
        customer_id,
        count(*) as order_count,
        count(*) filter (where is_reported) as reported_order_count,
        count(*) filter (where not is_reported) as other_currency_order_count,
        count(*) filter (where channel = 'web') as web_order_count,
        count(*) filter (where channel = 'store') as store_order_count,
        count(*) filter (where channel = 'instagram') as instagram_order_count,
        count(*) filter (where channel = 'amazon') as amazon_order_count,
        count(*) filter (where bought_through = 'online') as online_order_count,
        count(*) filter (where bought_through = 'pickup') as pickup_order_count,
        count(*) filter (where bought_through = 'social') as social_order_count,
        count(*) filter (where bought_through = 'marketplace') as marketplace_order_count,
        count(*) filter (where discount_amount > 0 or discount_code is not null) as discounted_order_count,
        count(*) filter (where is_returned) as returned_order_count,
        sum(return_amount) filter (where is_reported) as return_amount,
        sum(revenue) filter (where is_reported) as revenue,
        sum(kept_revenue) filter (where is_reported) as lifetime_value,
        sum(kept_revenue * kept_revenue) filter (where is_reported) as kept_revenue_squares,
        min(ordered_at) as first_order_at,
        max(ordered_at) as last_order_at,
        array_agg(distinct channel order by channel) filter (where channel is not null) as order_channels
    from sales
    group by customer_id

)

select
    figures.customer_id,
    figures.order_count,
    figures.reported_order_count,
    figures.other_currency_order_count,
    figures.web_order_count,
    figures.store_order_count,
    figures.instagram_order_count,
    figures.amazon_order_count,
    figures.online_order_count,
    figures.pickup_order_count,
    figures.social_order_count,
    figures.marketplace_order_count,
    figures.discounted_order_count,
    figures.returned_order_count,
    cast(coalesce(figures.return_amount, 0) as numeric(18, 2)) as return_amount,
    cast(coalesce(figures.revenue, 0) as numeric(18, 2)) as revenue,
    cast(coalesce(figures.lifetime_value, 0) as numeric(18, 2)) as lifetime_value,
    cast(coalesce(figures.kept_revenue_squares, 0) as numeric(38, 4)) as kept_revenue_squares,
    figures.first_order_at,
    figures.last_order_at,
    coalesce(figures.order_channels, cast('{}' as text[])) as order_channels,
    coalesce(favourites.category_count, 0) as category_count,
    favourites.favourite_category
from figures
left join favourites on figures.customer_id = favourites.customer_id
