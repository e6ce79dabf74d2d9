-- Every time that a customer needed us: tickets of each help desk, and calls that belong to no ticket.
-- One row per case.
--
-- State is as of "now": a case that was solved later is still open, one that was opened again is not solved. What a
-- source does not tell (when it was solved, or first answered) stays null and counts in no average. A ticket that we
-- opened is no contact of the customer. Calls that share a case number, but no ticket, are one case.
--
-- A case is computed again when one of its touches changed, or what its help desk says of it: both announce the case.
-- So is whoever else's case may be a repetition of it: all cases of the customers that it is of, or was.
{{ config(
    materialized='difference',
    key=['case_id'],
    announces=['customer_id', 'case_id'],
    follows=['service_touches', 'stg_zendesk__tickets', 'stg_zendesk__ticket_metrics', 'stg_files__interactions'],
    scope='case_id'
) }}

{%- set changed = '(select changed_key from ' ~ difference_changed() | trim ~ ')' %}
{% call also_changed() %}
    select customer_id
    from {{ ref('service_touches') }}
    where coalesce(case_id, interaction_id) in {{ changed }} and kind in ('ticket', 'call')
    union
    select customer_id
    from {{ this }}
    where case_id in {{ changed }}
{% endcall %}
{% call also_changed() %}
    select case_id
    from {{ this }}
    where customer_id in {{ changed }}
{% endcall %}

with

-- What each is for is said here as a boolean: of conditions on columns PostgreSQL guesses that they leave one row, and
-- loops over the rest.
touches as materialized (

    select
        interaction_id,
        case_id,
        customer_id,
        record_id,
        source,
        channel,
        team,
        topic,
        subject,
        order_id,
        conversation_id,
        kind,
        occurred_at,
        outcome,
        rating,
        rating_scale,
        kind = 'ticket' as is_ticket,
        kind in ('rating', 'survey') and case_id is not null and coalesce(rating_scale, '') <> 'nps' as is_answer,
        kind in ('message', 'call') and coalesce(outcome, '') not in ('abandoned', 'voicemail') as is_reply,
        kind = 'call' and direction = 'inbound' as is_call,
        occurred_at + coalesce(wait_seconds, 0) * interval '1 second' as answered_at,
        occurred_at + (coalesce(wait_seconds, 0) + coalesce(handle_seconds, 0)) * interval '1 second' as ended_at
    from {{ ref('service_touches') }}
    where {{ only_changed('coalesce(case_id, interaction_id)') }}

),

tickets as materialized (

    select distinct on (case_id) *
    from touches
    where is_ticket
    order by case_id asc, occurred_at asc, interaction_id asc

),

-- Our first answer, for help desks that do not count it themselves.
first_answers as (

    select
        touches.case_id,
        min(case when touches.kind = 'call' then touches.answered_at else touches.occurred_at end) as answered_at
    from touches
    inner join tickets on touches.case_id = tickets.case_id
    where touches.is_reply and touches.occurred_at >= tickets.occurred_at
    group by touches.case_id

),

-- The last word counts. Whether they would recommend us is no word about the case.
last_answers as (

    select distinct on (case_id)
        case_id,
        rating,
        rating_scale,
        occurred_at as rated_at
    from touches
    where is_answer
    order by case_id asc, occurred_at desc, interaction_id desc

),

zendesk_metrics as (

    select distinct on (ticket_id)
        ticket_id,
        first_reply_minutes,
        reopens,
        replies,
        solved_at
    from {{ ref('stg_zendesk__ticket_metrics') }}
    where {{ only_changed("'zendesk:ticket:' || ticket_id") }}
    order by ticket_id asc, updated_at desc nulls last, metric_id desc

),

states as (

    select
        'zendesk:ticket:' || tickets.ticket_id as interaction_id,
        tickets.status,
        tickets.due_at,
        tickets.created_at + metrics.first_reply_minutes * interval '1 minute' as first_reply_at,
        metrics.solved_at,
        metrics.reopens,
        metrics.replies,
        cast(null as numeric) as rating,
        cast(null as text) as rating_scale
    from {{ ref('stg_zendesk__tickets') }} as tickets
    left join zendesk_metrics as metrics on tickets.ticket_id = metrics.ticket_id
    where {{ only_changed("'zendesk:ticket:' || tickets.ticket_id") }}

    union all

    select
        concat_ws(':', 'files', source, stream, interaction_id) as interaction_id,
        coalesce(lower(status), case when closed_at is null then 'open' else 'closed' end) as status,
        cast(null as timestamptz) as due_at,
        first_reply_at,
        closed_at as solved_at,
        cast(null as bigint) as reopens,
        cast(null as bigint) as replies,
        {{ normalised_rating('rating', 'rating_scale') }} as rating,
        rating_scale
    from {{ ref('stg_files__interactions') }}
    where kind = 'ticket' and {{ only_changed("source || ':' || coalesce(thread_id, reference_id, interaction_id)") }}

),

desk_cases as (

    select
        tickets.interaction_id,
        tickets.case_id,
        tickets.customer_id,
        tickets.record_id,
        tickets.source,
        tickets.channel,
        tickets.team,
        tickets.topic,
        tickets.subject,
        tickets.order_id,
        tickets.conversation_id,
        tickets.occurred_at as opened_at,
        coalesce(states.first_reply_at, first_answers.answered_at) as first_reply_at,
        states.solved_at,
        coalesce(states.status in ('solved', 'closed', 'resolved', 'done', 'merged'), false) as is_done,
        coalesce(states.status, 'open') as status,
        states.due_at,
        states.reopens,
        states.replies,
        coalesce(last_answers.rating, states.rating) as rating,
        case when last_answers.rating is null then states.rating_scale else last_answers.rating_scale end
            as rating_scale,
        coalesce(last_answers.rated_at, states.solved_at, tickets.occurred_at) as rated_at,
        false as is_call
    from tickets
    left join states on tickets.interaction_id = states.interaction_id
    left join first_answers on tickets.case_id = first_answers.case_id
    left join last_answers on tickets.case_id = last_answers.case_id

),

-- A call is answered when the wait ends, unless the caller gave up; it is solved when the agent says so.
lone_calls as (

    select
        touches.*,
        coalesce(touches.case_id, touches.interaction_id) as call_case_id,
        coalesce(touches.outcome, '') not in ('abandoned', 'voicemail') as is_answered
    from touches
    left join tickets on touches.case_id = tickets.case_id
    where touches.is_call and tickets.case_id is null

),

last_calls as (

    select distinct on (call_case_id)
        call_case_id,
        outcome,
        ended_at,
        min(answered_at) filter (where is_answered) over (partition by call_case_id) as first_answered_at
    from lone_calls
    order by call_case_id asc, occurred_at desc, interaction_id desc

),

calls as (

    select distinct on (lone_calls.call_case_id)
        lone_calls.interaction_id,
        lone_calls.call_case_id as case_id,
        lone_calls.customer_id,
        lone_calls.record_id,
        lone_calls.source,
        lone_calls.channel,
        lone_calls.team,
        lone_calls.topic,
        lone_calls.subject,
        lone_calls.order_id,
        lone_calls.conversation_id,
        lone_calls.occurred_at as opened_at,
        last_calls.first_answered_at as first_reply_at,
        case when last_calls.outcome = 'resolved' then last_calls.ended_at end as solved_at,
        true as is_done,
        coalesce(last_calls.outcome, 'answered') as status,
        cast(null as timestamptz) as due_at,
        cast(null as bigint) as reopens,
        cast(null as bigint) as replies,
        coalesce(last_answers.rating, lone_calls.rating) as rating,
        case when last_answers.rating is null then lone_calls.rating_scale else last_answers.rating_scale end
            as rating_scale,
        coalesce(last_answers.rated_at, last_calls.ended_at) as rated_at,
        true as is_call
    from lone_calls
    inner join last_calls on lone_calls.call_case_id = last_calls.call_case_id
    left join last_answers on lone_calls.case_id = last_answers.case_id
    order by lone_calls.call_case_id asc, lone_calls.occurred_at asc, lone_calls.interaction_id asc

),

cases as (

    select * from desk_cases

    union all
    select * from calls

),

-- Two cases of one moment are one approach, told twice: neither is the repetition of the other.
judged as (

    select
        *,
        case when first_reply_at >= opened_at and first_reply_at <= {{ as_of() }} then first_reply_at end as replied_at,
        case when is_done and solved_at >= opened_at and solved_at <= {{ as_of() }} then solved_at end as done_at,
        not is_done or coalesce(solved_at > {{ as_of() }}, false) as is_open,
        rating is not null and rated_at <= {{ as_of() }} as is_rated,
        customer_id is not null and count(*) over (
            partition by customer_id order by opened_at
            range between interval '7 days' preceding and interval '1 microsecond' preceding
        ) > 0 as is_repeat_contact
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
    judged.subject,
    judged.order_id,
    judged.opened_at,
    judged.replied_at as first_reply_at,
    cast(extract(epoch from judged.replied_at - judged.opened_at) / 60 as numeric(12, 2)) as first_reply_minutes,
    judged.done_at as solved_at,
    cast(extract(epoch from judged.done_at - judged.opened_at) / 60 as numeric(12, 2)) as resolution_minutes,
    judged.status,
    judged.is_call,
    judged.is_open,
    judged.is_open and coalesce(judged.due_at < {{ as_of() }}, false) as is_overdue,
    -- Not every source counts, but a case that was closed and is open was opened again.
    cast(
        case
            when not judged.is_done and judged.solved_at is not null then greatest(judged.reopens, 1)
            else coalesce(judged.reopens, 0)
        end as bigint
    ) as reopens,
    cast(coalesce(judged.replies, 0) as bigint) as replies,
    cast(case when judged.is_rated then judged.rating end as numeric(4, 3)) as rating,
    case when judged.is_rated then judged.rating_scale end as rating_scale,
    case when judged.is_rated then judged.rated_at end as rated_at,
    judged.conversation_id,
    judged.is_repeat_contact
from judged
