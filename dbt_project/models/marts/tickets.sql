-- Support tickets with their customer, how fast they were answered, and the customer's last word on them.
-- One row per ticket.
with

metrics as (

    select distinct on (ticket_id)
        ticket_id,
        first_reply_minutes,
        full_resolution_minutes,
        reopens,
        replies,
        solved_at
    from {{ ref('stg_zendesk__ticket_metrics') }}
    order by ticket_id asc, updated_at desc nulls last, metric_id desc

),

last_ratings as (

    select distinct on (ticket_id)
        ticket_id,
        score,
        comment,
        updated_at
    from {{ ref('stg_zendesk__satisfaction_ratings') }}
    where score in ('good', 'bad')
    order by ticket_id asc, updated_at desc nulls last, rating_id desc

)

select
    tickets.ticket_id,
    record_customers.customer_id,
    tickets.record_id,
    tickets.subject,
    tickets.channel,
    tickets.status,
    tickets.priority,
    tickets.group_id,
    tickets.created_at,
    tickets.updated_at,
    tickets.due_at,
    metrics.solved_at,
    tickets.status not in ('solved', 'closed') as is_open,
    tickets.status not in ('solved', 'closed') and coalesce(tickets.due_at < {{ as_of() }}, false) as is_overdue,
    cast(metrics.first_reply_minutes as double precision) as first_reply_minutes,
    cast(metrics.full_resolution_minutes as double precision) as full_resolution_minutes,
    cast(coalesce(metrics.reopens, 0) as bigint) as reopens,
    cast(coalesce(metrics.replies, 0) as bigint) as replies,
    last_ratings.score as rating,
    last_ratings.comment as rating_comment,
    last_ratings.updated_at as rated_at
from {{ ref('stg_zendesk__tickets') }} as tickets
left join metrics on tickets.ticket_id = metrics.ticket_id
left join last_ratings on tickets.ticket_id = last_ratings.ticket_id
left join {{ source('identity', 'record_customers') }} as record_customers
    on tickets.record_id = record_customers.record_id
