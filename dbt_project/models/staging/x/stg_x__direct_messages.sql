-- Direct messages on X, to (outbound) and from (inbound) customers; record_id is the customer's side, whoever wrote.
-- Grain: one row per message.
with messages as (
    select
        *,
        {{ is_own_x_account('sender_id') }} as by_company,
        -- A conversation of two is named <id>-<id>; the participants are not always sent.
        coalesce(nullif(participant_ids, '{}'), string_to_array(conversation_id, '-')) as account_ids
    from {{ ref('base_x__direct_messages') }}
    where quarantine_reason is null
)

select
    message_id,
    conversation_id,
    'x:user:' || case
        when by_company
            then (
                select min(account.id)
                from unnest(account_ids) as account (id)
                where account.id <> messages.sender_id
            )
        else sender_id
    end as record_id,
    case when by_company then 'outbound' else 'inbound' end as direction,
    body,
    sent_at
from messages
