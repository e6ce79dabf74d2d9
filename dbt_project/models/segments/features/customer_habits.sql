-- Where each customer comes to us and what they talk with us about: what the cards of personas count.
-- One row per customer who did anything in a known channel, or had a conversation about something.
--
-- What the customer did; what we sent without being asked is nobody's habit. The same question is asked about many
-- orders: their numbers are left out of its words.
{{ config(materialized='difference', key=['customer_id'], follows=['channel_days', 'conversations']) }}
with

channel_uses as (

    select
        customer_id,
        channel,
        min(first_touch_at) as first_used_at,
        cast(sum(touch_count) as bigint) as uses
    from {{ ref('channel_days') }}
    where touch_count > 0 and channel <> 'unknown' and {{ only_changed('customer_id') }}
    group by customer_id, channel

),

channels as (

    select
        customer_id,
        array_agg(channel order by first_used_at, channel) as channels,
        array_agg(uses order by first_used_at, channel) as channel_uses
    from channel_uses
    group by customer_id

),

-- A fence: the words of those alone who are asked for.
topics as materialized (

    select
        customer_id,
        topic
    from {{ ref('conversations') }}
    where started_at <= {{ as_of() }} and {{ only_changed('customer_id') }}

),

asked as (

    select
        customer_id,
        need,
        count(*) as times
    from (
        select
            customer_id,
            lower(trim(regexp_replace(topic, '[[:space:]]*#?[0-9]+', '', 'g'))) as need
        from topics
    ) as worded
    where need <> ''
    group by customer_id, need

),

needs as (

    select
        customer_id,
        array_agg(need order by need) as needs,
        array_agg(times order by need) as need_times
    from asked
    group by customer_id

)

select
    coalesce(channels.customer_id, needs.customer_id) as customer_id,
    coalesce(channels.channels, cast('{}' as text[])) as channels,
    coalesce(channels.channel_uses, cast('{}' as bigint[])) as channel_uses,
    coalesce(needs.needs, cast('{}' as text[])) as needs,
    coalesce(needs.need_times, cast('{}' as bigint[])) as need_times
from channels
full join needs on channels.customer_id = needs.customer_id
