-- What was said on a ticket, by the customer (inbound) or by an agent or Zendesk itself (outbound). The requester
-- counts as a customer even when their user has not arrived. Grain: one row per comment.
with comments as (
    select *
    from {{ ref('base_zendesk__ticket_comments') }}
    where quarantine_reason is null
),

tickets as (
    select
        ticket_id,
        requester_id,
        via_channel
    from {{ ref('base_zendesk__tickets') }}
    where quarantine_reason is null
),

users as (
    select
        user_id,
        role
    from {{ ref('base_zendesk__users') }}
    where quarantine_reason is null
),

authored as (
    select
        comments.*,
        -- A comment says how it came in by an object, as tickets do, or by a word alone.
        coalesce(
            case jsonb_typeof(comments.via)
                when 'object' then comments.via ->> 'channel'
                when 'string' then comments.via #>> '{}'
            end,
            tickets.via_channel
        ) as channel_found,
        coalesce(users.role = 'end-user', comments.author_id = tickets.requester_id, false) as by_customer
    from comments
    left join tickets on comments.ticket_id = tickets.ticket_id
    left join users on comments.author_id = users.user_id
)

select
    comment_id,
    ticket_id,
    case when by_customer then 'zendesk:user:' || author_id end as record_id,
    author_id,
    case when by_customer then 'inbound' else 'outbound' end as direction,
    coalesce(is_public, true) as is_public,
    body,
    {{ zendesk_channel('channel_found') }} as channel,
    created_at
from authored
