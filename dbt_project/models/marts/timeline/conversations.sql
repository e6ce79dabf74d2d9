-- The conversations of each customer across channels: who spoke when, where and about what. One row per conversation.
-- Counts of talking leave browsing and buying out; a word about a contact (rating, note, code) is no contact.
{{ config(
    materialized='difference',
    key=['conversation_id'],
    together='customer_id',
    announces='customer_id',
    follows=['touchpoints', 'conversation_members'],
    indexes=[{'columns': ['customer_id']}]
) }}

with

of_conversations as {{ put_aside() }} (

    select
        interaction_id,
        conversation_id
    from {{ ref('conversation_members') }}
    where {{ only_changed('customer_id') }}

),

members as (

    select
        of_conversations.conversation_id,
        touchpoints.*,
        touchpoints.is_communication and {{ is_contact('touchpoints.kind') }} as is_contact
    from of_conversations
    inner join {{ ref('touchpoints') }} as touchpoints
        on of_conversations.interaction_id = touchpoints.interaction_id
    where {{ only_changed('touchpoints.customer_id') }}

),

-- The channel in which the customer spoke before, and when they first did.
followed as (

    select
        *,
        lag(channel) over (
            partition by conversation_id, is_contact and direction = 'inbound' order by occurred_at, interaction_id
        ) as channel_before,
        min(occurred_at) filter (where is_contact and direction = 'inbound') over (
            partition by conversation_id
        ) as first_inbound_at
    from members

),

channel_uses as (

    select
        conversation_id,
        array_agg(channel order by first_used_at, channel) as channels
    from (
        select
            conversation_id,
            channel,
            min(occurred_at) as first_used_at
        from members
        where channel is not null
        group by conversation_id, channel
    ) as used
    group by conversation_id

),

figures as (

    select
        conversation_id,
        min(customer_id) as customer_id,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        count(*) as interaction_count,
        count(*) filter (where is_contact and direction = 'inbound') as inbound_count,
        count(*) filter (where is_contact and direction = 'outbound') as outbound_count,
        count(*) filter (where is_contact and direction = 'inbound' and channel <> channel_before) as handover_count,
        array_agg(distinct order_id) filter (where order_id is not null) as order_ids,
        array_agg(distinct case_id) filter (where case_id is not null) as case_ids,
        coalesce(
            (array_agg(topic order by occurred_at, interaction_id) filter (where topic is not null))[1],
            (array_agg(subject order by occurred_at, interaction_id) filter (where kind = 'ticket'))[1]
        ) as topic,
        min(first_inbound_at) as first_inbound_at,
        least(
            min(occurred_at) filter (where is_contact and direction = 'outbound' and occurred_at >= first_inbound_at),
            min(first_reply_at) filter (where first_reply_at >= first_inbound_at)
        ) as first_reply_at,
        (array_agg(channel order by occurred_at desc, interaction_id desc) filter (where is_contact))[1]
            as last_channel,
        (array_agg(direction order by occurred_at desc, interaction_id desc) filter (where is_contact))[1]
            as last_direction,
        avg(sentiment) as sentiment,
        coalesce(bool_or(is_open_case), false) as has_open_case
    from followed
    group by conversation_id

)

select
    figures.conversation_id,
    figures.customer_id,
    figures.started_at,
    figures.ended_at,
    coalesce(channel_uses.channels, cast('{}' as text[])) as channels,
    coalesce(cardinality(channel_uses.channels), 0) as channel_count,
    figures.interaction_count,
    figures.inbound_count,
    figures.outbound_count,
    figures.handover_count,
    coalesce(figures.order_ids, cast('{}' as text[])) as order_ids,
    coalesce(figures.case_ids, cast('{}' as text[])) as case_ids,
    figures.topic,
    figures.first_inbound_at,
    figures.first_reply_at,
    cast(round(extract(epoch from figures.first_reply_at - figures.first_inbound_at) / 60, 1) as numeric(12, 1))
        as first_reply_minutes,
    figures.last_channel,
    figures.last_direction,
    cast(figures.sentiment as numeric(4, 3)) as sentiment,
    figures.has_open_case
from figures
left join channel_uses on figures.conversation_id = channel_uses.conversation_id
