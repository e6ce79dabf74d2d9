-- The timeline, gathered: what each customer did and got in each channel on each day (UTC).
-- One row per customer, day and channel. Everything that counts or orders touches reads this, and only the customers
-- whose timeline changed are gathered again; what lies after "now" is left out (`is_past`).
--
-- A touch is what the customer did; what we sent or noted is an interaction, but no touch. Lines of an order are no
-- touches beside it, nor are points and discount codes, which somebody books for the customer.
-- What is of one customer lies together, for those who read the days of a few.
{{ config(
    materialized='difference',
    key=['customer_id', 'day', 'channel'],
    together='customer_id',
    follows=['touchpoints'],
    announces='customer_id'
) }}

with

touched as (

    select
        customer_id,
        cast(occurred_at at time zone 'UTC' as date) as day,
        coalesce(channel, 'unknown') as channel,
        kind,
        occurred_at,
        quantity,
        coalesce(direction, 'inbound') = 'inbound' as is_inbound,
        coalesce(direction, 'inbound') = 'inbound' and kind not in ('order_line', 'points', 'code', 'note') as is_touch
    from {{ ref('touchpoints') }}
    where customer_id is not null and is_past and {{ only_changed('customer_id') }}

)

select
    customer_id,
    day,
    channel,
    count(*) as interaction_count,
    count(*) filter (where is_touch) as touch_count,
    min(occurred_at) as first_interaction_at,
    max(occurred_at) as last_interaction_at,
    min(occurred_at) filter (where is_touch) as first_touch_at,
    max(occurred_at) filter (where is_touch) as last_touch_at,
    count(*) filter (where is_inbound and kind in ('message', 'ticket', 'call', 'comment', 'mention')) as contact_count,
    count(*) filter (where is_inbound and kind in ('message', 'comment', 'mention')) as written_count,
    count(*) filter (where is_inbound and kind = 'message') as message_count,
    count(*) filter (where is_inbound and kind = 'call') as call_count,
    count(*) filter (where kind = 'visit') as visit_count,
    count(*) filter (where kind = 'product_view') as product_view_count,
    count(*) filter (where kind = 'return') as return_count,
    count(*) filter (where is_touch and kind not in ('order', 'checkout', 'return')) as engagement_count,
    cast(coalesce(sum(quantity) filter (where kind = 'points' and quantity > 0), 0) as numeric(18, 2)) as points_earned,
    min(occurred_at) filter (
        where is_touch and kind in ('ad_click', 'campaign_response', 'comment', 'mention')
    ) as first_notice_at,
    min(occurred_at) filter (where kind in ('visit', 'product_view')) as first_visit_at,
    max(occurred_at) filter (where kind = 'visit') as last_visit_at,
    min(occurred_at) filter (where kind in ('add_to_cart', 'checkout')) as first_cart_at,
    min(occurred_at) filter (where is_inbound and kind in ('message', 'ticket', 'call')) as first_question_at,
    max(occurred_at) filter (where is_inbound and kind in ('message', 'ticket', 'call')) as last_question_at
from touched
group by customer_id, day, channel
order by customer_id asc, day asc, channel asc
