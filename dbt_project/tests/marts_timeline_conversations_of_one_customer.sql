-- A conversation is one customer's, and so are all of its touchpoints: nobody reads what another wrote. Touchpoints and
-- their conversations are brought side by side only where the sums differ (`weight_of`).
{{ config(meta={'dagster': {'ref': {'name': 'conversations'}}}) }}

{%- set weight = weight_of(['conversation_id', 'customer_id']) %}

select
    'touchpoint and conversation' as differ,
    conversation_members.interaction_id,
    conversation_members.conversation_id
from {{ ref('conversation_members') }} as conversation_members
left join {{ ref('conversations') }} as conversations
    on conversation_members.conversation_id = conversations.conversation_id
where
    (select sum({{ weight }}) from {{ ref('conversation_members') }})
    is distinct from (select sum(interaction_count * {{ weight }}) from {{ ref('conversations') }})
    and conversation_members.customer_id is distinct from conversations.customer_id

union all

select
    'touchpoint and timeline' as differ,
    conversation_members.interaction_id,
    conversation_members.conversation_id
from {{ ref('conversation_members') }} as conversation_members
left join {{ ref('touchpoints') }} as touchpoints
    on
        conversation_members.interaction_id = touchpoints.interaction_id
        and conversation_members.customer_id = touchpoints.customer_id
where touchpoints.interaction_id is null
