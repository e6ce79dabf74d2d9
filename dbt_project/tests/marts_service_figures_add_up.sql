-- The figures of customer service add up: every case is opened in exactly one month, channel and team; channels, teams
-- and months sum to their totals; the backlog of a month is the former one + opened - solved - closed at no time, and
-- ends as the cases that are open now; every hand-over of a conversation is counted.
{{ config(meta={'dagster': {'ref': {'name': 'service_figures'}}}) }}
{%- set counts = [
    'cases_opened', 'cases_solved', 'cases_closed_at_no_time', 'cases_answered', 'answerable_cases', 'repeat_contacts',
    'reopens', 'calls', 'rating_count', 'rating_sum', 'nps_count', 'handovers', 'resolution_minutes',
    'first_reply_minutes',
] %}
{%- set levels = {
    'month_channel_team': 'month_channel', 'month_channel': 'month', 'month_team': 'month', 'month': 'all'
} %}

with

told as (

    select
        count(*) as cases_opened,
        count(solved_at) as cases_solved,
        coalesce(sum(resolution_minutes), 0) as resolution_minutes,
        count(*) filter (where is_open) as backlog
    from {{ ref('service_cases') }}

),

handed_over as (

    select coalesce(sum(handover_count), 0) as handovers
    from {{ ref('conversations') }}

),

added_up as (
    {% for part, total in levels.items() %}
        select
            '{{ part }} to {{ total }}' as what,
            totals.month,
            totals.channel
        from {{ ref('service_figures') }} as totals
        left join {{ ref('service_figures') }} as parts
            on
                parts.level = '{{ part }}'
                and (totals.month is null or totals.month = parts.month)
                and (totals.channel is null or totals.channel = parts.channel)
        where totals.level = '{{ total }}'
        group by totals.month, totals.channel
        having
        {% for count in counts -%}
                coalesce(sum(parts.{{ count }}), 0) <> max(totals.{{ count }}){{ ' or' if not loop.last }}
        {% endfor %}
        union all
    {% endfor %}
    select
        'backlog of the month' as what,
        month,
        channel
    from (
        select
            *,
            coalesce(lag(backlog) over (partition by level, channel, team order by month), 0) as former_backlog
        from {{ ref('service_figures') }}
        where level <> 'all'
    ) as followed
    where backlog <> former_backlog + cases_opened - cases_solved - cases_closed_at_no_time or backlog < 0

)

select
    what,
    month,
    channel
from added_up

union all

select
    'all to cases' as what,
    cast(null as date) as month,
    cast(null as text) as channel
from told
cross join handed_over
left join {{ ref('service_figures') }} as figures on figures.level = 'all'
where
    coalesce(figures.cases_opened, 0) <> told.cases_opened
    or coalesce(figures.cases_solved, 0) <> told.cases_solved
    or coalesce(figures.resolution_minutes, 0) <> told.resolution_minutes
    or coalesce(figures.backlog, 0) <> told.backlog
    or coalesce(figures.handovers, 0) <> handed_over.handovers
