-- Direct messages in Instagram and Messenger, to (outbound) and from (inbound) customers; record_id is the customer's
-- side, whoever wrote. Grain: one row per message.
select
    message_id,
    conversation_id,
    'meta:' || platform || '_user:'
    || case when {{ is_own_meta_account('sender_id') }} then recipient_ids[1] else sender_id end as record_id,
    platform,
    case when {{ is_own_meta_account('sender_id') }} then 'outbound' else 'inbound' end as direction,
    body,
    sent_at
from {{ ref('base_meta__messages') }}
where quarantine_reason is null
