-- The first order of each customer, and the channels they came through to it. One row per customer with an order.
--
-- A path is the channels of the touches in the `journey_path_days` before the first order, each named once until
-- another follows, and the channel of the order at its end. Of long paths the last `journey_path_steps` are kept.
{{ config(
    materialized='difference',
    key=['customer_id'],
    follows=['orders', 'channel_days']
) }}
with

orders as (

    select distinct on (customer_id)
        customer_id,
        ordered_at,
        coalesce(channel, 'unknown') as channel,
        case when coalesce(currency, '') = '{{ var("reporting_currency", "USD") }}' then revenue else 0 end as revenue
    from {{ ref('orders') }}
    where is_sale and customer_id is not null and ordered_at <= {{ as_of() }} and {{ only_changed('customer_id') }}
    order by customer_id asc, ordered_at asc, order_id asc

),

touches as (

    select
        days.customer_id,
        days.channel,
        days.first_touch_at as touched_at,
        0 as is_order
    from {{ ref('channel_days') }} as days
    inner join orders on days.customer_id = orders.customer_id
    where
        days.first_touch_at <= orders.ordered_at
        and days.first_touch_at >= orders.ordered_at - interval '{{ var("journey_path_days", 90) }} days'
        and {{ only_changed('days.customer_id') }}

    union all

    select
        customer_id,
        channel,
        ordered_at as touched_at,
        1 as is_order
    from orders

),

followed as (

    select
        *,
        lag(channel) over (partition by customer_id order by touched_at, is_order, channel) as channel_before
    from touches

),

numbered as (

    select
        *,
        row_number() over (
            partition by customer_id order by touched_at desc, is_order desc, channel desc
        ) as steps_to_go,
        min(touched_at) over (partition by customer_id) as began_at
    from followed
    where channel is distinct from channel_before

),

paths as (

    select
        customer_id,
        case when count(*) > {{ var('journey_path_steps', 6) }} then '… > ' else '' end
        || string_agg(channel, ' > ' order by steps_to_go desc)
        filter (where steps_to_go <= {{ var('journey_path_steps', 6) }}) as path,
        min(began_at) as began_at
    from numbered
    group by customer_id

)

select
    orders.customer_id,
    orders.ordered_at,
    orders.channel,
    cast(orders.revenue as numeric(18, 2)) as revenue,
    paths.path,
    paths.began_at
from orders
inner join paths on orders.customer_id = paths.customer_id
