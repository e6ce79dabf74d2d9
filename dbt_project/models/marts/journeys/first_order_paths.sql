-- Which channels customers came through to their first order (`first_orders`). One row per path; the rare ones are one
-- row, `other`, so that the sums are those of all customers with an order. `journey_path_count`: how many paths stand
-- for themselves.
with

ranked as (

    select
        path,
        row_number() over (order by count(*) desc, path asc) as place
    from {{ ref('first_orders') }}
    group by path

),

walked as (

    select
        case when ranked.place <= {{ var('journey_path_count', 50) }} then ranked.path else 'other' end as path,
        first_orders.revenue,
        date_part('epoch', first_orders.ordered_at - first_orders.began_at) / 86400 as days
    from {{ ref('first_orders') }} as first_orders
    inner join ranked on first_orders.path = ranked.path

)

select
    path,
    count(*) as customer_count,
    cast(count(*) / sum(count(*)) over () as numeric(5, 4)) as share,
    cast(sum(revenue) as numeric(18, 2)) as revenue,
    cast(percentile_cont(0.5) within group (order by days) as numeric(10, 2)) as median_days
from walked
group by path
