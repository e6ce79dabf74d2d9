-- What support owes to each customer, and how they last rated us. One row per customer with a case, an answer to a
-- survey or a word to us. A message waits until anybody of us turns to the customer, in whatever channel; so a last
-- "thanks" waits, too: rather no promotion for some days than one to somebody who waits for an answer.
-- Variable: `bad_rating_at_most` (0 to 1, every scale folded to it).
{{ config(
    materialized='difference',
    key=['customer_id'],
    announces='customer_id',
    follows=['service_cases', 'touchpoints']
) }}
with

cases as (

    select
        customer_id,
        min(opened_at) filter (where is_open) as waiting_since,
        count(*) filter (where is_open) as open_case_count,
        count(*) filter (where is_overdue) as overdue_case_count,
        array_agg(case_id order by case_id) filter (where is_overdue) as overdue_case_ids,
        max(rated_at) filter (where is_badly_rated) as last_bad_rating_at,
        array_agg(case_id order by case_id) filter (where is_badly_rated) as badly_rated_case_ids
    from (
        select
            *,
            coalesce(
                rating <= {{ var('bad_rating_at_most', 0.25) }} and rated_at <= {{ as_of() }}, false
            ) as is_badly_rated
        from {{ ref('service_cases') }}
        where customer_id is not null and opened_at <= {{ as_of() }} and {{ only_changed('customer_id') }}
    ) as judged
    group by customer_id

),

words as (

    select
        customer_id,
        occurred_at,
        direction = 'inbound' and kind in ('message', 'mention') as waits,
        direction = 'outbound' or kind = 'call' as is_talk,
        kind in ('survey', 'rating') and rating_scale <> 'nps' and rating <= {{ var('bad_rating_at_most', 0.25) }}
            as is_bad_rating,
        case when rating_scale = 'nps' then rating end as nps
    from {{ ref('touchpoints') }}
    where
        customer_id is not null
        and is_past
        and kind in ('message', 'mention', 'call', 'comment', 'survey', 'rating')
        and {{ only_changed('customer_id') }}

),

answers as (

    select
        customer_id,
        min(occurred_at) filter (where waits and occurred_at > coalesce(last_talk_at, '-infinity')) as unanswered_since,
        max(occurred_at) filter (where is_bad_rating) as last_bad_answer_at,
        max(occurred_at) filter (where nps is not null) as last_nps_at
    from (
        select
            *,
            max(occurred_at) filter (where is_talk) over (partition by customer_id) as last_talk_at
        from words
    ) as followed
    group by customer_id

)

select
    coalesce(cases.customer_id, answers.customer_id) as customer_id,
    cases.waiting_since,
    coalesce(cases.open_case_count, 0) as open_case_count,
    coalesce(cases.overdue_case_count, 0) as overdue_case_count,
    coalesce(cases.overdue_case_ids, cast('{}' as text[])) as overdue_case_ids,
    answers.unanswered_since,
    greatest(cases.last_bad_rating_at, answers.last_bad_answer_at) as last_bad_rating_at,
    coalesce(cases.badly_rated_case_ids, cast('{}' as text[])) as badly_rated_case_ids,
    answers.last_nps_at
from cases
full outer join answers on cases.customer_id = answers.customer_id
