-- How each customer meets us, from the gathered timeline. One row per customer with anything on it.
-- Nothing here depends on "now" or on other customers, so only the customers whose days changed are computed again.
{{ config(
    materialized='difference',
    key=['customer_id'],
    follows=['channel_days'],
    watches=['channels'],
    announces='customer_id'
) }}

with

days as (

    select
        channel_days.*,
        coalesce(channels.is_social, false) as is_social
    from {{ ref('channel_days') }} as channel_days
    left join {{ ref('channels') }} as channels on channel_days.channel = channels.channel
    where {{ only_changed('channel_days.customer_id') }}

),

totals as (

    select
        customer_id,
        cast(sum(interaction_count) as bigint) as interaction_count,
        cast(sum(touch_count) as bigint) as touch_count,
        cast(sum(message_count) as bigint) as message_count,
        cast(sum(call_count) as bigint) as call_count,
        cast(sum(visit_count) as bigint) as visit_count,
        cast(sum(product_view_count) as bigint) as product_view_count,
        cast(sum(return_count) as bigint) as return_count,
        sum(points_earned) as points_earned,
        cast(coalesce(sum(written_count) filter (where is_social), 0) as bigint) as social_contact_count,
        cast(coalesce(sum(engagement_count) filter (where is_social), 0) as bigint) as social_engagement_count,
        min(first_interaction_at) as first_interaction_at,
        max(last_interaction_at) as last_interaction_at,
        max(last_visit_at) as last_visit_at
    from days
    group by customer_id

),

channels_met as (

    select
        customer_id,
        channel,
        sum(touch_count) as touch_count,
        count(*) filter (where contact_count > 0) as contact_days,
        max(last_touch_at) filter (where contact_count > 0) as last_contact_at,
        min(first_touch_at) as first_touch_at,
        max(last_touch_at) as last_touch_at,
        round(sum(touch_count) / nullif(sum(sum(touch_count)) over (partition by customer_id), 0), 4) as touch_share
    from days
    group by customer_id, channel

),

met as (

    select
        customer_id,
        coalesce(
            array_agg(channel order by channel asc) filter (where channel <> 'unknown'), cast('{}' as text[])
        ) as channels,
        coalesce(
            jsonb_object_agg(channel, touch_share) filter (where touch_count > 0), cast('{}' as jsonb)
        ) as channel_mix,
        (
            array_agg(channel order by contact_days desc, last_contact_at desc, channel asc)
            filter (where contact_days > 0)
        )[1] as preferred_channel,
        (
            array_agg(channel order by first_touch_at asc, channel asc) filter (where touch_count > 0)
        )[1] as first_touch_channel,
        (
            array_agg(channel order by last_touch_at desc, channel asc) filter (where touch_count > 0)
        )[1] as last_touch_channel,
        min(first_touch_at) as first_touch_at,
        max(last_touch_at) as last_touch_at
    from channels_met
    group by customer_id

),

-- The hour in which days most often begin, of equals the latest used.
hours as (

    select distinct on (customer_id)
        customer_id,
        cast(extract(hour from first_touch_at at time zone 'UTC') as integer) as preferred_hour
    from days
    where first_touch_at is not null
    group by customer_id, extract(hour from first_touch_at at time zone 'UTC')
    order by customer_id asc, count(*) desc, max(first_touch_at) desc, preferred_hour asc

)

select
    totals.customer_id,
    totals.interaction_count,
    totals.touch_count,
    totals.message_count,
    totals.call_count,
    totals.visit_count,
    totals.product_view_count,
    totals.return_count,
    totals.points_earned,
    totals.social_contact_count,
    totals.social_engagement_count,
    totals.first_interaction_at,
    totals.last_interaction_at,
    totals.last_visit_at,
    met.channels,
    met.channel_mix,
    met.preferred_channel,
    hours.preferred_hour,
    met.first_touch_at,
    met.first_touch_channel,
    met.last_touch_at,
    met.last_touch_channel
from totals
inner join met on totals.customer_id = met.customer_id
left join hours on totals.customer_id = hours.customer_id
