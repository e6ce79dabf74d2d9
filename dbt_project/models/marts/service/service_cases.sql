-- Every time that a customer needed us: tickets of each help desk, and calls that belong to no ticket. One row per case.
--
-- State is as of "now": a case that was solved later is still open. What a help desk does not tell (when it was solved,
-- or first answered) stays null and counts in no average.
with

tickets as (

    select
        cases.interaction_id,
        cases.case_id,
        cases.customer_id,
        cases.record_id,
        cases.source,
        cases.channel,
        cases.team,
        cases.topic,
        cases.order_id,
        cases.occurred_at as opened_at
    from {{ ref('touchpoints') }} as cases
    where cases.kind = 'ticket' and cases.is_past

),

zendesk_metrics as (

    select distinct on (ticket_id)
        ticket_id,
        first_reply_minutes,
        reopens,
        replies,
        solved_at
    from {{ ref('stg_zendesk__ticket_metrics') }}
    order by ticket_id asc, updated_at desc nulls last, metric_id desc

),

zendesk_ratings as (

    select distinct on (ticket_id)
        ticket_id,
        case score when 'good' then 1 else 0 end as rating,
        updated_at as rated_at
    from {{ ref('stg_zendesk__satisfaction_ratings') }}
    where score in ('good', 'bad') and updated_at <= {{ as_of() }}
    order by ticket_id asc, updated_at desc nulls last, rating_id desc

),

of_zendesk as (

    select
        'zendesk:ticket:' || tickets.ticket_id as interaction_id,
        tickets.ticket_id,
        tickets.status,
        tickets.due_at,
        tickets.group_id,
        metrics.first_reply_minutes,
        metrics.solved_at,
        metrics.reopens,
        metrics.replies,
        ratings.rating,
        ratings.rated_at,
        coalesce(tickets.status in ('solved', 'closed'), false) as is_done
    from {{ ref('stg_zendesk__tickets') }} as tickets
    left join zendesk_metrics as metrics on tickets.ticket_id = metrics.ticket_id
    left join zendesk_ratings as ratings on tickets.ticket_id = ratings.ticket_id

),

of_files as (

    select
        concat_ws(':', 'files', source, stream, interaction_id) as interaction_id,
        status,
        first_reply_at,
        closed_at,
        rating,
        rating_scale,
        coalesce(status in ('solved', 'closed', 'resolved', 'done', 'merged'), false) as is_done
    from {{ ref('stg_files__interactions') }}
    where kind = 'ticket'

),

desk_cases as (

    select
        tickets.interaction_id,
        tickets.case_id,
        tickets.customer_id,
        tickets.record_id,
        tickets.source,
        tickets.channel,
        coalesce(tickets.team, of_zendesk.group_id) as team,
        tickets.topic,
        tickets.order_id,
        tickets.opened_at,
        coalesce(
            tickets.opened_at + of_zendesk.first_reply_minutes * interval '1 minute', of_files.first_reply_at
        ) as first_reply_at,
        coalesce(of_zendesk.solved_at, of_files.closed_at) as solved_at,
        coalesce(of_zendesk.is_done, of_files.is_done, false) as is_done,
        coalesce(of_zendesk.status, of_files.status, 'open') as status,
        of_zendesk.due_at,
        coalesce(of_zendesk.reopens, 0) as reopens,
        coalesce(of_zendesk.replies, 0) as replies,
        coalesce(
            cast(of_zendesk.rating as numeric), {{ normalised_rating('of_files.rating', 'of_files.rating_scale') }}
        ) as rating,
        coalesce(case when of_zendesk.rating is not null then 'thumbs' end, of_files.rating_scale) as rating_scale,
        coalesce(of_zendesk.rated_at, case when of_files.rating is not null then of_files.closed_at end) as rated_at
    from tickets
    left join of_zendesk on tickets.interaction_id = of_zendesk.interaction_id
    left join of_files on tickets.interaction_id = of_files.interaction_id

),

-- A call is answered when the wait ends, unless the caller gave up; it is solved when the agent says so.
calls as (

    select
        interaction_id,
        interaction_id as case_id,
        customer_id,
        record_id,
        source,
        channel,
        team,
        topic,
        order_id,
        occurred_at as opened_at,
        case
            when outcome not in ('abandoned', 'voicemail') or outcome is null
                then occurred_at + coalesce(wait_seconds, 0) * interval '1 second'
        end as first_reply_at,
        case
            when outcome = 'resolved'
                then occurred_at + (coalesce(wait_seconds, 0) + coalesce(handle_seconds, 0)) * interval '1 second'
        end as solved_at,
        true as is_done,
        coalesce(outcome, 'answered') as status,
        cast(null as timestamptz) as due_at,
        0 as reopens,
        0 as replies,
        rating,
        rating_scale,
        case when rating is not null then occurred_at end as rated_at
    from {{ ref('touchpoints') }}
    where kind = 'call' and direction = 'inbound' and case_id is null and is_past

),

cases as (

    select * from desk_cases

    union all
    select * from calls

),

judged as (

    select
        *,
        case when first_reply_at >= opened_at and first_reply_at <= {{ as_of() }} then first_reply_at end as replied_at,
        case when solved_at >= opened_at and solved_at <= {{ as_of() }} then solved_at end as done_at,
        case when solved_at is null then not is_done else solved_at > {{ as_of() }} end as is_open,
        lag(opened_at) over (partition by customer_id order by opened_at asc, case_id asc) as former_opened_at
    from cases

)

select
    judged.case_id,
    judged.customer_id,
    judged.record_id,
    judged.source,
    judged.channel,
    judged.team,
    judged.topic,
    judged.order_id,
    judged.opened_at,
    judged.replied_at as first_reply_at,
    cast(extract(epoch from judged.replied_at - judged.opened_at) / 60 as numeric(12, 2)) as first_reply_minutes,
    judged.done_at as solved_at,
    cast(extract(epoch from judged.done_at - judged.opened_at) / 60 as numeric(12, 2)) as resolution_minutes,
    judged.status,
    judged.is_open,
    judged.is_open and coalesce(judged.due_at < {{ as_of() }}, false) as is_overdue,
    cast(judged.reopens as bigint) as reopens,
    cast(judged.replies as bigint) as replies,
    cast(case when judged.rated_at <= {{ as_of() }} then judged.rating end as numeric(4, 3)) as rating,
    case when judged.rated_at <= {{ as_of() }} and judged.rating is not null then judged.rating_scale end as rating_scale,
    case when judged.rated_at <= {{ as_of() }} and judged.rating is not null then judged.rated_at end as rated_at,
    members.conversation_id,
    coalesce(
        judged.customer_id is not null and judged.opened_at - judged.former_opened_at <= interval '7 days', false
    ) as is_repeat_contact
from judged
left join {{ ref('conversation_members') }} as members on judged.interaction_id = members.interaction_id
