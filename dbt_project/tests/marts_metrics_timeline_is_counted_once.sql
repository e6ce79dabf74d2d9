-- Gathering by day loses nothing and counts nothing twice: the past touchpoints of each customer are those of their
-- days, and those of their activity.
--
-- Whose they are is worked out only where the sums differ: there every touchpoint counts as much as its customer weighs
-- (`weight_of`), so that no touchpoint can be missing, or be another customer's, without another sum.
{{ config(meta={
    'dagster': {'ref': {'name': 'channel_days'}},
    'follows': ['touchpoints', 'channel_days', 'customer_activity']
}) }}

{%- set weight = weight_of(['customer_id']) %}

with

sums as materialized (

    select
        (
            select coalesce(sum{{ weight }}, 0) from {{ ref('touchpoints') }}
            where customer_id is not null and is_past and {{ only_changed('customer_id') }}
        ) as of_touchpoints,
        (
            select coalesce(sum(interaction_count * {{ weight }}), 0) from {{ ref('channel_days') }}
            where {{ only_changed('customer_id') }}
        ) as of_days,
        (
            select coalesce(sum(interaction_count * {{ weight }}), 0) from {{ ref('customer_activity') }}
            where {{ only_changed('customer_id') }}
        ) as of_activity

),

timeline as (

    select
        customer_id,
        count(*) as interaction_count
    from {{ ref('touchpoints') }}
    where customer_id is not null and is_past and {{ only_changed('customer_id') }}
    group by customer_id

),

activity as (

    select
        customer_id,
        interaction_count
    from {{ ref('customer_activity') }}
    where {{ only_changed('customer_id') }}

),

gathered as (

    select
        customer_id,
        sum(interaction_count) as interaction_count
    from {{ ref('channel_days') }}
    where {{ only_changed('customer_id') }}
    group by customer_id

)

select
    coalesce(timeline.customer_id, gathered.customer_id) as customer_id,
    timeline.interaction_count,
    gathered.interaction_count as in_days,
    activity.interaction_count as in_activity
from timeline
full outer join gathered on timeline.customer_id = gathered.customer_id
full outer join activity
    on coalesce(timeline.customer_id, gathered.customer_id) = activity.customer_id
where
    (select sums.of_touchpoints <> sums.of_days or sums.of_days <> sums.of_activity from sums)
    and (
        timeline.interaction_count is distinct from gathered.interaction_count
        or gathered.interaction_count is distinct from activity.interaction_count
    )
