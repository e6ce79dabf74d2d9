-- Each time that a customer went on from one touch to the next. One row per touch that another followed.
--
-- A touch is a day on which the customer did something in a channel, at the first thing they did (`channel_days`): so a
-- long session is one touch, and a store visit after it another. Of touches at one moment the channel's name decides.
-- Two touches further apart than `journey_gap_days` lie side by side here, but are no step (`is_step`).
{{ config(
    materialized='difference',
    key=['customer_id', 'left_at', 'from_channel'],
    follows=['channel_days'],
    announces='customer_id'
) }}
with

followed as (

    select
        customer_id,
        first_touch_at as left_at,
        channel as from_channel,
        lead(channel) over in_order as to_channel,
        cast(extract(epoch from lead(first_touch_at) over in_order - first_touch_at) as numeric(18, 6)) as seconds
    from {{ ref('channel_days') }}
    where first_touch_at is not null and {{ only_changed('customer_id') }}
    window in_order as (partition by customer_id order by first_touch_at, channel)

),

judged as (

    select
        *,
        seconds <= 86400 * {{ var('journey_gap_days', 30) }} as is_step
    from followed
    where to_channel is not null

)

select
    customer_id,
    left_at,
    from_channel,
    to_channel,
    seconds,
    is_step,
    is_step and row_number() over (
        partition by customer_id, from_channel, to_channel, is_step order by left_at
    ) = 1 as is_first
from judged
