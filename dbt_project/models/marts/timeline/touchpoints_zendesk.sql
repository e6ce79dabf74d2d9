-- What was said through the help desk: tickets, their comments, the customer's rating. Grain: one row per touchpoint.
{{ config(materialized='view') }}

with

tickets as (

    select
        {{ touchpoint_columns({
            'interaction_id': "'zendesk:ticket:' || ticket_id",
            'record_id': 'record_id',
            'occurred_at': 'created_at',
            'channel': 'channel',
            'kind': "'ticket'",
            'direction': "'inbound'",
            'subject': 'subject',
            'source': "'zendesk'",
            'reference_id': 'ticket_id',
            'source_thread_id': 'ticket_id',
            'case_id': "'zendesk:ticket:' || ticket_id",
            'is_open_case': "status not in ('solved', 'closed')",
            'team': 'group_id',
        }) }}
    from {{ ref('stg_zendesk__tickets') }}

),

-- What an agent wrote belongs on the timeline of the customer who asked. A note the customer never saw is a note.
ticket_comments as (

    select
        {{ touchpoint_columns({
            'interaction_id': "'zendesk:comment:' || comments.comment_id",
            'record_id': 'coalesce(comments.record_id, tickets.record_id)',
            'occurred_at': 'comments.created_at',
            'channel': 'coalesce(comments.channel, tickets.channel)',
            'kind': "case when comments.is_public is false then 'note' else 'message' end",
            'direction': "case when comments.is_public is false then 'internal' else comments.direction end",
            'subject': short_subject('comments.body'),
            'body': 'comments.body',
            'source': "'zendesk'",
            'reference_id': 'comments.ticket_id',
            'source_thread_id': 'comments.ticket_id',
            'case_id': "'zendesk:ticket:' || comments.ticket_id",
            'team': 'tickets.group_id',
            'agent': "case when comments.direction = 'outbound' then comments.author_id end",
        }) }}
    from {{ ref('stg_zendesk__ticket_comments') }} as comments
    left join {{ ref('stg_zendesk__tickets') }} as tickets on comments.ticket_id = tickets.ticket_id

),

-- `offered` and `unoffered` are the help desk's states, not the customer's answers.
ratings as (

    select
        {{ touchpoint_columns({
            'interaction_id': "'zendesk:rating:' || ratings.rating_id",
            'record_id': 'coalesce(ratings.record_id, tickets.record_id)',
            'occurred_at': 'coalesce(ratings.updated_at, ratings.created_at)',
            'channel': 'tickets.channel',
            'kind': "'rating'",
            'direction': "'inbound'",
            'subject': short_subject("concat_ws(': ', ratings.score, nullif(ratings.comment, ''))"),
            'body': "nullif(ratings.comment, '')",
            'rating': "case ratings.score when 'good' then 1 when 'bad' then 0 end",
            'rating_scale': "'thumbs'",
            'source': "'zendesk'",
            'reference_id': 'ratings.ticket_id',
            'source_thread_id': 'ratings.ticket_id',
            'case_id': "'zendesk:ticket:' || ratings.ticket_id",
            'team': 'tickets.group_id',
        }) }}
    from {{ ref('stg_zendesk__satisfaction_ratings') }} as ratings
    left join {{ ref('stg_zendesk__tickets') }} as tickets on ratings.ticket_id = tickets.ticket_id
    where ratings.score in ('good', 'bad')

)

select * from tickets
union all
select * from ticket_comments
union all
select * from ratings
