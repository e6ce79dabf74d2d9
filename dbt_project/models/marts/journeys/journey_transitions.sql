-- From which channel customers go on to which, how often, and how long it takes. One row per pair of channels, the pair
-- of a channel with itself included.
--
-- A touch is a day on which the customer did something in a channel, at the first thing they did (`channel_days`): so a
-- long session is one touch, and a store visit after it another. Two touches in a row make a step when they lie at most
-- `journey_gap_days` apart. Of touches at one moment the channel's name decides.
with

steps as (

    select
        customer_id,
        channel as from_channel,
        lead(channel) over in_order as to_channel,
        extract(epoch from lead(first_touch_at) over in_order - first_touch_at) / 3600 as hours
    from {{ ref('channel_days') }}
    where first_touch_at is not null
    window in_order as (partition by customer_id order by first_touch_at, channel)

)

select
    from_channel,
    to_channel,
    count(*) as step_count,
    count(distinct customer_id) as customer_count,
    cast(percentile_cont(0.5) within group (order by hours) as numeric(10, 2)) as median_hours,
    cast(avg(hours) as numeric(10, 2)) as mean_hours
from steps
where hours <= 24 * {{ var('journey_gap_days', 30) }}
group by from_channel, to_channel
