-- Conversations in Instagram and Messenger, with the customer's side of each. Grain: one row per conversation.
select
    conversation_id,
    (
        select 'meta:' || conversations.platform || '_user:' || min(participant.account ->> 'id')
        from jsonb_array_elements(conversations.participants) as participant (account)
        where not {{ is_own_meta_account("participant.account ->> 'id'") }}
    ) as record_id,
    platform,
    updated_at
from {{ ref('base_meta__conversations') }} as conversations
where quarantine_reason is null
