-- A conversation is one customer's, and so are all of its touchpoints: nobody reads what another wrote. Touchpoints and
-- their conversations are brought side by side only where the sums differ (`weight_of`).
{{ config(meta={
    'dagster': {'ref': {'name': 'conversations'}},
    'follows': ['conversation_members', 'conversations', 'touchpoints']
}) }}

{%- set weight = weight_of(['conversation_id', 'customer_id']) %}

with

sums as (

    select
        (
            select coalesce(sum({{ weight }}), 0)
            from {{ ref('conversation_members') }}
            where {{ only_changed('customer_id') }}
        ) as of_members,
        (
            select coalesce(sum(interaction_count * {{ weight }}), 0)
            from {{ ref('conversations') }}
            where {{ only_changed('customer_id') }}
        ) as of_conversations

),

timeline as (

    select
        interaction_id,
        customer_id
    from {{ ref('touchpoints') }}
    where {{ only_changed('customer_id') }}

)

select
    'touchpoint and conversation' as differ,
    members.interaction_id,
    members.conversation_id
from {{ ref('conversation_members') }} as members
left join {{ ref('conversations') }} as conversations on members.conversation_id = conversations.conversation_id
where
    (select sums.of_members <> sums.of_conversations from sums)
    and {{ only_changed('members.customer_id') }}
    and members.customer_id is distinct from conversations.customer_id

union all

select
    'touchpoint and timeline' as differ,
    members.interaction_id,
    members.conversation_id
from {{ ref('conversation_members') }} as members
left join timeline
    on members.interaction_id = timeline.interaction_id and members.customer_id = timeline.customer_id
where timeline.interaction_id is null and {{ only_changed('members.customer_id') }}
