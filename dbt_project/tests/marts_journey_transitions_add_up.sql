-- Every touch but a customer's first is one step from the touch before it, unless too long ago: steps, gaps and first
-- touches are all the touches.
{{ config(meta={'dagster': {'ref': {'name': 'journey_transitions'}}}) }}

with

touches as (

    select first_touch_at - lag(first_touch_at) over (partition by customer_id order by first_touch_at, channel) as gap
    from {{ ref('channel_days') }}
    where first_touch_at is not null

),

expected as (

    select
        count(*)
        - count(*) filter (where gap is null)
        - count(*) filter (where gap > interval '{{ var("journey_gap_days", 30) }} days') as steps
    from touches

),

found as (

    select coalesce(sum(step_count), 0) as steps
    from {{ ref('journey_transitions') }}

)

select
    expected.steps as expected,
    found.steps as found
from expected
cross join found
where expected.steps <> found.steps
