-- The figures of customer service by month, channel and team, and their totals. One row per month, channel and team
-- from the first month in which they had anything to do until now; per month and channel; per month and team; per
-- month; and one over all. `level` says which. What an average has nothing to be made of is null.
{%- set counts = [
    'cases_opened', 'cases_solved', 'cases_closed_at_no_time', 'cases_answered', 'answerable_cases',
    'cases_answered_within_two_hours', 'repeat_contacts', 'reopens', 'calls', 'abandoned_calls', 'rating_count',
    'nps_count', 'promoters', 'detractors', 'handovers',
] %}
{%- set sums = ['first_reply_minutes', 'resolution_minutes', 'rating_sum'] %}

with

combinations as (

    select
        channel,
        team,
        min(day) as first_day
    from {{ ref('service_days') }}
    group by channel, team

),

-- A backlog lasts through months in which nothing happens.
months as (

    select
        combinations.channel,
        combinations.team,
        cast(month_start as date) as month
    from combinations
    cross join lateral generate_series(
        date_trunc('month', cast(combinations.first_day as timestamp)),
        date_trunc('month', {{ as_of() }} at time zone 'UTC'),
        interval '1 month'
    ) as month_start

),

monthly as (

    select
        months.month,
        months.channel,
        months.team,
        {%- for figure in counts + sums %}
            coalesce(sum(days.{{ figure }}), 0) as {{ figure }},
        {%- endfor %}
        sum(coalesce(sum(days.cases_opened - days.cases_solved - days.cases_closed_at_no_time), 0)) over (
            partition by months.channel, months.team order by months.month
        ) as backlog
    from months
    left join {{ ref('service_days') }} as days
        on
            months.channel = days.channel
            and months.team = days.team
            and months.month = cast(date_trunc('month', cast(days.day as timestamp)) as date)
    group by months.month, months.channel, months.team

),

totals as (

    select
        month,
        channel,
        team,
        grouping(month, channel, team) as level,
        {%- for figure in counts + sums %}
            sum({{ figure }}) as {{ figure }},
        {%- endfor %}
        sum(backlog) filter (
            where month = cast(date_trunc('month', {{ as_of() }} at time zone 'UTC') as date)
        ) as backlog_now,
        sum(backlog) as backlog
    from monthly
    group by grouping sets ((month, channel, team), (month, channel), (month, team), (month), ())
    having count(*) > 0

),

-- Only a median cannot be added up.
answered as (

    select
        cast(date_trunc('month', opened_at at time zone 'UTC') as date) as month,
        coalesce(channel, 'unknown') as channel,
        coalesce(team, 'unknown') as team,
        first_reply_minutes
    from {{ ref('service_cases') }}
    where first_reply_minutes is not null

),

medians as (

    select
        month,
        channel,
        team,
        grouping(month, channel, team) as level,
        percentile_cont(0.5) within group (order by first_reply_minutes) as first_reply_minutes
    from answered
    group by grouping sets ((month, channel, team), (month, channel), (month, team), (month), ())

)

select
    case totals.level
        when 0 then 'month_channel_team'
        when 1 then 'month_channel'
        when 2 then 'month_team'
        when 3 then 'month'
        else 'all'
    end as level,
    totals.month,
    totals.channel,
    totals.team,
    {%- for figure in counts %}
        cast(totals.{{ figure }} as bigint) as {{ figure }},
    {%- endfor %}
    cast(totals.resolution_minutes as numeric(18, 2)) as resolution_minutes,
    cast(totals.resolution_minutes / nullif(totals.cases_solved, 0) as numeric(12, 2)) as average_resolution_minutes,
    cast(totals.first_reply_minutes as numeric(18, 2)) as first_reply_minutes,
    cast(totals.first_reply_minutes / nullif(totals.cases_answered, 0) as numeric(12, 2))
        as average_first_reply_minutes,
    cast(medians.first_reply_minutes as numeric(12, 2)) as median_first_reply_minutes,
    cast(totals.cases_answered_within_two_hours / nullif(totals.answerable_cases, 0) as numeric(5, 4))
        as share_answered_within_two_hours,
    cast(totals.rating_sum as numeric(18, 3)) as rating_sum,
    cast(totals.rating_sum / nullif(totals.rating_count, 0) as numeric(5, 4)) as csat,
    cast(100 * (totals.promoters - totals.detractors) / nullif(totals.nps_count, 0) as numeric(4, 1)) as nps,
    cast(case when totals.level = 7 then totals.backlog_now else totals.backlog end as bigint) as backlog,
    cast(totals.repeat_contacts / nullif(totals.cases_opened, 0) as numeric(5, 4)) as repeat_contact_share,
    cast(totals.abandoned_calls / nullif(totals.calls, 0) as numeric(5, 4)) as abandoned_call_share
from totals
left join medians
    on
        totals.level = medians.level
        and totals.month is not distinct from medians.month
        and totals.channel is not distinct from medians.channel
        and totals.team is not distinct from medians.team
