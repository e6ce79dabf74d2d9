-- The cases of the help desk with what only it knows of them (words, priority, the comment of a rating), for those who
-- think in tickets. One row per ticket that was opened by "now". All its figures are those of `service_cases`.
{{ config(
    materialized='difference',
    key=['ticket_id'],
    announces='customer_id',
    follows=['service_cases', 'stg_zendesk__tickets', 'stg_zendesk__satisfaction_ratings'],
    scope="'zendesk:ticket:' || ticket_id"
) }}
with

comments as (

    select distinct on (ticket_id)
        ticket_id,
        comment
    from {{ ref('stg_zendesk__satisfaction_ratings') }}
    where
        score in ('good', 'bad') and coalesce(updated_at, created_at) <= {{ as_of() }}
        and {{ only_changed("'zendesk:ticket:' || ticket_id") }}
    order by ticket_id asc, coalesce(updated_at, created_at) desc, rating_id desc

)

select
    tickets.ticket_id,
    cases.customer_id,
    tickets.record_id,
    tickets.subject,
    tickets.channel,
    tickets.status,
    tickets.priority,
    tickets.group_id,
    tickets.created_at,
    tickets.updated_at,
    tickets.due_at,
    cases.solved_at,
    cases.is_open,
    cases.is_overdue,
    cast(cases.first_reply_minutes as double precision) as first_reply_minutes,
    cast(cases.resolution_minutes as double precision) as full_resolution_minutes,
    cases.reopens,
    cases.replies,
    case cases.rating when 1 then 'good' when 0 then 'bad' end as rating,
    comments.comment as rating_comment,
    case when cases.rating in (0, 1) then cases.rated_at end as rated_at
from {{ ref('stg_zendesk__tickets') }} as tickets
inner join {{ ref('service_cases') }} as cases on 'zendesk:ticket:' || tickets.ticket_id = cases.case_id
left join comments on tickets.ticket_id = comments.ticket_id
where {{ only_changed('cases.case_id') }}
