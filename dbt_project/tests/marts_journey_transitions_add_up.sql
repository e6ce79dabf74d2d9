-- Every touch but a customer's last is left once, for the next one: as many steps as there are touches less customers,
-- left when those touches were, and in all as long as from every customer's first touch to the last. What of them is
-- near enough is what the transitions count. Moments are summed as whole microseconds: that is exact, and fast.
{{ config(meta={'dagster': {'ref': {'name': 'journey_transitions'}}}) }}

{%- set touched_at = "cast(1000000 * date_part('epoch', first_touch_at) as bigint)" %}
{%- set last_touched_at = "cast(1000000 * date_part('epoch', last_touch_at) as bigint)" %}
{%- set left_at = "cast(1000000 * date_part('epoch', left_at) as bigint)" %}

with

customers as (

    select
        count(*) as touch_count,
        min(first_touch_at) as first_touch_at,
        max(first_touch_at) as last_touch_at
    from {{ ref('channel_days') }}
    where first_touch_at is not null
    group by customer_id

),

expected as (

    select
        coalesce(sum(touch_count - 1), 0) as steps,
        coalesce((select sum({{ touched_at }}) from {{ ref('channel_days') }}), 0)
        - coalesce(sum({{ last_touched_at }}), 0) as left_at,
        coalesce(sum({{ last_touched_at }} - {{ touched_at }}), 0) as lasting
    from customers

),

found as (

    select
        count(*) as steps,
        coalesce(sum({{ left_at }}), 0) as left_at,
        1000000 * coalesce(sum(seconds), 0) as lasting,
        count(*) filter (where seconds <= 86400 * {{ var('journey_gap_days', 30) }}) as near_steps
    from {{ ref('journey_steps') }}

),

counted as (

    select coalesce(sum(step_count), 0) as steps
    from {{ ref('journey_transitions') }}

)

select
    expected.steps as expected,
    found.steps as found,
    found.near_steps as expected_counted,
    counted.steps as counted
from expected
cross join found
cross join counted
where
    (expected.steps, expected.left_at, expected.lasting) <> (found.steps, found.left_at, found.lasting)
    or found.near_steps <> counted.steps
