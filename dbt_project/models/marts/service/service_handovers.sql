-- Every time that a customer had to go on in another channel: two approaches of theirs in a row, in one conversation,
-- of which the second came by another channel. Our own answers, notes and ratings in between do not matter.
-- Only the conversations that count one are gone through. One row per hand-over.
{{ config(
    materialized='difference',
    key=['interaction_id'],
    follows=['touchpoints', 'conversation_members', 'conversations'],
    indexes=[{'columns': ['customer_id']}]
) }}

with

approaches as (

    select
        members.conversation_id,
        touchpoints.interaction_id,
        touchpoints.customer_id,
        touchpoints.occurred_at,
        touchpoints.channel,
        touchpoints.team,
        lag(touchpoints.channel) over former as from_channel,
        lag(touchpoints.occurred_at) over former as former_at
    from {{ ref('conversations') }} as conversations
    inner join {{ ref('conversation_members') }} as members
        on conversations.conversation_id = members.conversation_id
    inner join {{ ref('touchpoints') }} as touchpoints on members.interaction_id = touchpoints.interaction_id
    where
        {{ only_changed('conversations.customer_id') }}
        and conversations.handover_count > 0
        and touchpoints.is_communication
        and {{ is_contact('touchpoints.kind') }}
        and touchpoints.direction = 'inbound'
    window former as (partition by members.conversation_id order by touchpoints.occurred_at, touchpoints.interaction_id)

)

select
    interaction_id,
    customer_id,
    conversation_id,
    from_channel,
    channel as to_channel,
    team,
    former_at as left_at,
    occurred_at as arrived_at,
    cast(round(extract(epoch from occurred_at - former_at) / 3600, 2) as numeric(12, 2)) as hours
from approaches
where channel <> from_channel
