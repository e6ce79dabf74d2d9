-- What happened in customer service on each day, in each channel and team, as sums and counts that add up to any
-- period.
-- A case counts as opened on the day that it was opened (with its first answer, its repetition and its reopening), as
-- solved on the day that it was solved, as rated on the day that it was rated. One row per day (UTC), channel and team.
{#- Of each kind of event: where it is read, its day, and what it adds to which figure. -#}
{%- set events = [
    {'of': 'cases', 'day': 'opened_on', 'figures': {
        'cases_opened': 'count(*)',
        'calls': 'count(*) filter (where is_call)',
        'abandoned_calls': 'count(*) filter (where is_abandoned)',
        'answerable_cases': 'count(*) filter (where is_answerable)',
        'cases_answered_within_two_hours': 'count(*) filter (where first_reply_minutes <= 120)',
        'cases_answered': 'count(first_reply_minutes)',
        'first_reply_minutes': 'sum(first_reply_minutes)',
        'repeat_contacts': 'count(*) filter (where is_repeat_contact)',
        'reopens': 'sum(reopens)',
        'cases_closed_at_no_time': 'count(*) filter (where is_closed_at_no_time)',
    }},
    {'of': 'cases', 'day': 'solved_on', 'figures': {
        'cases_solved': 'count(*)',
        'resolution_minutes': 'sum(resolution_minutes)',
    }},
    {'of': 'answers', 'day': 'rated_on', 'figures': {
        'rating_count': 'count(*) filter (where not is_nps)',
        'rating_sum': 'sum(rating) filter (where not is_nps)',
        'nps_count': 'count(*) filter (where is_nps)',
        'promoters': 'count(*) filter (where is_nps and rating >= 0.9)',
        'detractors': 'count(*) filter (where is_nps and rating <= 0.6)',
    }},
    {'of': 'arrivals', 'day': 'arrived_on', 'figures': {'handovers': 'count(*)'}},
] -%}
{%- set types = {
    'first_reply_minutes': 'numeric(18, 2)', 'resolution_minutes': 'numeric(18, 2)', 'rating_sum': 'numeric(18, 3)'
} -%}
{%- set names = [] -%}
{%- for event in events -%}{%- do names.extend(event.figures) -%}{%- endfor %}

with

cases as (

    select
        case_id,
        coalesce(channel, 'unknown') as channel,
        coalesce(team, 'unknown') as team,
        cast(opened_at at time zone 'UTC' as date) as opened_on,
        cast(solved_at at time zone 'UTC' as date) as solved_on,
        cast(rated_at at time zone 'UTC' as date) as rated_on,
        first_reply_minutes,
        resolution_minutes,
        is_call,
        is_call and status = 'abandoned' and first_reply_minutes is null as is_abandoned,
        is_repeat_contact,
        reopens,
        rating,
        rating_scale,
        not is_open and solved_at is null as is_closed_at_no_time,
        -- Answered, or in vain for two hours; who gave up on the telephone waited in vain at once.
        first_reply_minutes is not null
        or is_open and opened_at <= {{ as_of() }} - interval '2 hours'
        or is_call and status in ('abandoned', 'voicemail') as is_answerable
    from {{ ref('service_cases') }}

),

-- Answers to surveys count by the channel that they are about; of those within a case only whether they recommend us.
answers as (

    select
        coalesce(touches.channel, 'unknown') as channel,
        coalesce(touches.team, 'unknown') as team,
        cast(touches.occurred_at at time zone 'UTC' as date) as rated_on,
        touches.rating,
        coalesce(touches.rating_scale, '') = 'nps' as is_nps
    from {{ ref('service_touches') }} as touches
    left join cases on touches.case_id = cases.case_id
    where touches.kind in ('survey', 'rating') and (touches.rating_scale = 'nps' or cases.case_id is null)

    union all

    select
        channel,
        team,
        rated_on,
        rating,
        coalesce(rating_scale, '') = 'nps' as is_nps
    from cases
    where rating is not null

),

arrivals as (

    select
        cast(arrived_at at time zone 'UTC' as date) as arrived_on,
        to_channel as channel,
        coalesce(team, 'unknown') as team
    from {{ ref('service_handovers') }}

),

events as (
    {% for event in events %}
        select
            {{ event.day }} as day,
            {%- for name in names %}
                {{ event.figures.get(name, 0) }} as {{ name }},
            {%- endfor %}
            channel,
            team
        from {{ event.of }}
        where {{ event.day }} is not null
        group by {{ event.day }}, channel, team
        {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    day,
    channel,
    team,
{%- for name in names %}
    cast(coalesce(sum({{ name }}), 0) as {{ types.get(name, 'bigint') }}) as {{ name }}{{ ',' if not loop.last }}
{%- endfor %}
from events
group by day, channel, team
