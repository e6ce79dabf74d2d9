-- How far each customer has come, and when they first came so far. One row per customer.
--
-- aware: the first touch of any kind · engaged: a visit or a product looked at · considering: something in a basket, or
-- a question, before anything was bought · bought: the first sale · loyal: a sale at a later moment (a basket that the
-- till splits is one purchase). Who reached a stage has passed those before it, at the latest then: a stage that left
-- no trace of its own is in `implied_stages`. served (a question after a purchase) lies beside the road to loyal.
-- Where the day of a purchase has questions before and after it, the one after is dated by the day's last.
{{ config(
    materialized='difference',
    key=['customer_id'],
    announces='customer_id',
    follows=['customers', 'channel_days', 'orders']
) }}
with

sales as (

    select
        customer_id,
        ordered_at,
        min(ordered_at) over (partition by customer_id) as bought_at
    from {{ ref('orders') }}
    where is_sale and customer_id is not null and ordered_at <= {{ as_of() }} and {{ only_changed('customer_id') }}

),

bought as (

    select
        customer_id,
        bought_at,
        min(ordered_at) filter (where ordered_at > bought_at) as loyal_at
    from sales
    group by customer_id, bought_at

),

met as (

    select
        days.customer_id,
        bought.bought_at,
        bought.loyal_at,
        min(days.first_touch_at) as touched_at,
        min(days.first_visit_at) as visited_at,
        min(days.first_cart_at) as filled_a_cart_at,
        min(days.first_question_at) as asked_at,
        min(
            case
                when days.first_question_at > bought.bought_at then days.first_question_at
                else days.last_question_at
            end
        ) filter (where days.last_question_at > bought.bought_at) as served_at
    from {{ ref('channel_days') }} as days
    left join bought on days.customer_id = bought.customer_id
    where {{ only_changed('days.customer_id') }}
    group by days.customer_id, bought.bought_at, bought.loyal_at

),

seen as (

    select
        customers.customer_id,
        met.touched_at,
        met.visited_at,
        least(met.filled_a_cart_at, met.asked_at) as considered_at,
        met.served_at,
        coalesce(met.bought_at, bought.bought_at) as bought_at,
        coalesce(met.loyal_at, bought.loyal_at) as loyal_at
    from {{ ref('customers') }} as customers
    left join met on customers.customer_id = met.customer_id
    left join bought on customers.customer_id = bought.customer_id
    where {{ only_changed('customers.customer_id') }}

),

-- `least` passes over nulls: an earlier stage is reached with the first of what follows from it.
reached as (

    select
        *,
        least(touched_at, visited_at, considered_at, bought_at) as aware_at,
        least(visited_at, considered_at, bought_at) as engaged_at,
        least(considered_at, bought_at) as considering_at
    from seen

),

returned as (

    select
        reached.customer_id,
        min(sales.ordered_at) as bought_again_at
    from reached
    inner join sales on reached.customer_id = sales.customer_id and reached.served_at < sales.ordered_at
    group by reached.customer_id

)

select
    reached.customer_id,
    case
        when reached.loyal_at is not null then 'loyal'
        when reached.served_at is not null then 'served'
        when reached.bought_at is not null then 'bought'
        when reached.considering_at is not null then 'considering'
        when reached.engaged_at is not null then 'engaged'
        when reached.aware_at is not null then 'aware'
    end as stage,
    reached.aware_at,
    reached.engaged_at,
    reached.considering_at,
    reached.bought_at,
    reached.served_at,
    reached.loyal_at,
    returned.bought_again_at as bought_after_service_at,
    array_remove(
        array[
            case when reached.engaged_at < coalesce(reached.visited_at, 'infinity') then 'engaged' end,
            case when reached.considering_at < coalesce(reached.considered_at, 'infinity') then 'considering' end
        ], null
    ) as implied_stages
from reached
left join returned on reached.customer_id = returned.customer_id
