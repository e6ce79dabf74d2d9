-- Whether a customer is served alike in every channel: each figure of each channel over the last days, against the same
-- figure over all channels together. One row per figure and channel that had any case, answer or repetition to judge.
--
-- The mean is the one over all cases, so that a small channel does not move what it is measured by. Variables:
-- `service_consistency_days` (whole days in UTC, today's included), `service_consistency_margin` (how far from the mean
-- still is the same), `service_consistency_cases` (with fewer, nothing is said).
{%- set figures = [
    {'name': 'first_reply_minutes', 'sum': 'first_reply_minutes', 'of': 'cases_answered', 'best': 'low'},
    {'name': 'share_answered_within_two_hours', 'sum': 'cases_answered_within_two_hours', 'of': 'answerable_cases', 'best': 'high'},
    {'name': 'resolution_minutes', 'sum': 'resolution_minutes', 'of': 'cases_solved', 'best': 'low'},
    {'name': 'csat', 'sum': 'rating_sum', 'of': 'rating_count', 'best': 'high'},
    {'name': 'repeat_contact_share', 'sum': 'repeat_contacts', 'of': 'cases_opened', 'best': 'low'},
] %}

with

recent as (

    select *
    from {{ ref('service_days') }}
    where day > cast({{ as_of() }} at time zone 'UTC' as date) - {{ var('service_consistency_days', 90) }}

),

figures as (
    {% for figure in figures %}
        select
            '{{ figure.name }}' as figure,
            channel,
            {{ 'true' if figure.best == 'high' else 'false' }} as is_better_high,
            sum({{ figure.of }}) as case_count,
            sum({{ figure.sum }}) / sum({{ figure.of }}) as channel_value,
            sum(sum({{ figure.sum }})) over () / sum(sum({{ figure.of }})) over () as mean_of_all
        from recent
        group by channel
        having sum({{ figure.of }}) > 0
        {{ 'union all' if not loop.last }}
    {%- endfor %}

),

compared as (

    select
        *,
        case when is_better_high then 1 else -1 end * (channel_value - mean_of_all) as advantage,
        {{ var('service_consistency_margin', 0.1) }} * mean_of_all as margin
    from figures

)

select
    figure,
    channel,
    cast(case_count as bigint) as case_count,
    cast(channel_value as numeric(18, 4)) as channel_value,
    cast(mean_of_all as numeric(18, 4)) as mean_of_all,
    cast(channel_value / nullif(mean_of_all, 0) as numeric(18, 4)) as ratio,
    case
        when case_count < {{ var('service_consistency_cases', 20) }} then 'too few cases'
        when advantage > margin then 'better'
        when advantage < -margin then 'worse'
        else 'same'
    end as verdict
from compared
