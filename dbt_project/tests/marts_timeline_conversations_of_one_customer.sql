-- A conversation is one customer's, and so are all of its touchpoints: nobody reads what another wrote.
{{ config(meta={'dagster': {'ref': {'name': 'conversations'}}}) }}

select
    conversation_members.interaction_id,
    conversation_members.conversation_id
from {{ ref('conversation_members') }} as conversation_members
left join {{ ref('conversations') }} as conversations
    on conversation_members.conversation_id = conversations.conversation_id
left join {{ ref('touchpoints') }} as touchpoints
    on conversation_members.interaction_id = touchpoints.interaction_id
where
    conversation_members.customer_id is distinct from conversations.customer_id
    or conversation_members.customer_id is distinct from touchpoints.customer_id
