-- Which channels customers came through to their first order. One row per path; the rare ones are one row, `other`, so
-- that the sums are those of all customers with an order.
--
-- A path is the channels of the touches in the `journey_path_days` before the first order, each named once until
-- another follows, and the channel of the order at its end. Of long paths the last `journey_path_steps` are kept.
-- Also: `journey_path_count`, how many paths stand for themselves.
with

first_orders as (

    select distinct on (customer_id)
        customer_id,
        ordered_at,
        coalesce(channel, 'unknown') as channel,
        case when coalesce(currency, '') = '{{ var("reporting_currency", "USD") }}' then revenue else 0 end as revenue
    from {{ ref('orders') }}
    where is_sale and customer_id is not null and ordered_at <= {{ as_of() }}
    order by customer_id asc, ordered_at asc, order_id asc

),

touches as (

    select
        days.customer_id,
        days.channel,
        days.first_touch_at as touched_at,
        0 as is_order
    from {{ ref('channel_days') }} as days
    inner join first_orders on days.customer_id = first_orders.customer_id
    where
        days.first_touch_at <= first_orders.ordered_at
        and days.first_touch_at >= first_orders.ordered_at - interval '{{ var("journey_path_days", 90) }} days'

    union all

    select
        customer_id,
        channel,
        ordered_at as touched_at,
        1 as is_order
    from first_orders

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

),

ranked as (

    select
        path,
        row_number() over (order by count(*) desc, path asc) as place
    from paths
    group by path

),

walked as (

    select
        case when ranked.place <= {{ var('journey_path_count', 50) }} then ranked.path else 'other' end as path,
        first_orders.revenue,
        extract(epoch from first_orders.ordered_at - paths.began_at) / 86400 as days
    from paths
    inner join ranked on paths.path = ranked.path
    inner join first_orders on paths.customer_id = first_orders.customer_id

)

select
    path,
    count(*) as customer_count,
    cast(count(*) / sum(count(*)) over () as numeric(5, 4)) as share,
    cast(sum(revenue) as numeric(18, 2)) as revenue,
    cast(percentile_cont(0.5) within group (order by days) as numeric(10, 2)) as median_days
from walked
group by path
