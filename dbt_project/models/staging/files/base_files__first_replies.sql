-- When a conversation of a help desk was first answered, for exports that bring its messages and not that moment: the
-- first thing the company said after the customer first did. Grain: one row per source and answered conversation.
{{ config(
    materialized='difference',
    key=['source', 'thread_id'],
    announces="source || ':' || thread_id",
    indexes=[{'columns': ['source', 'thread_id'], 'unique': true}]
) }}

with desks as (
    select distinct source
    from {{ ref('base_files__interactions') }}
    where kind = 'ticket' and quarantine_reason is null
),

touches as (
    select
        said.source,
        said.thread_id,
        said.occurred_at,
        said.direction,
        min(said.occurred_at) filter (where said.direction = 'inbound')
            over (partition by said.source, said.thread_id) as first_asked_at
    from {{ ref('base_files__interactions') }} as said
    inner join desks on said.source = desks.source
    where said.thread_id is not null and said.kind in ('message', 'call') and said.quarantine_reason is null
)

select
    source,
    thread_id,
    min(occurred_at) as first_reply_at
from touches
where direction = 'outbound' and occurred_at >= first_asked_at
group by source, thread_id
