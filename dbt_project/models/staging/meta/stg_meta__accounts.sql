-- Accounts of customers in Instagram and Messenger, put together from where they appear: conversations, messages and
-- comments. The latest name counts; the company's own accounts are left out. Grain: one row per platform and account.
with participants as (
    select
        conversations.platform,
        participant.account ->> 'id' as account_id,
        participant.account ->> 'username' as username,
        participant.account ->> 'name' as full_name,
        conversations.updated_at as seen_at
    from {{ ref('base_meta__conversations') }} as conversations
    cross join lateral jsonb_array_elements(conversations.participants) as participant (account)
    where conversations.quarantine_reason is null
),

senders as (
    select
        platform,
        sender_id as account_id,
        sender_username as username,
        sender_name as full_name,
        sent_at as seen_at
    from {{ ref('base_meta__messages') }}
    where quarantine_reason is null
),

commenters as (
    select
        'instagram' as platform,
        sender_id as account_id,
        sender_username as username,
        cast(null as text) as full_name,
        commented_at as seen_at
    from {{ ref('base_meta__comments') }}
    where quarantine_reason is null
),

appearances as (
    select * from participants
    union all
    select * from senders
    union all
    select * from commenters
)

select
    'meta:' || platform || '_user:' || account_id as record_id,
    account_id,
    platform,
    (array_agg(username order by seen_at desc nulls last, username asc) filter (where username <> ''))[1] as username,
    (array_agg(full_name order by seen_at desc nulls last, full_name asc) filter (where full_name <> ''))[1]
        as full_name,
    min(seen_at) as first_seen_at,
    max(seen_at) as last_seen_at
from appearances
where account_id <> '' and not {{ is_own_meta_account('account_id') }}
group by platform, account_id
