-- Every touch but a customer's last is left once, for the next one: as many steps as there are touches less customers,
-- left when those touches were, and in all as long as from every customer's first touch to the last. Moments are summed
-- as whole microseconds: that is exact, and fast.
{{ config(meta={
    'dagster': {'ref': {'name': 'journey_steps'}},
    'follows': ['channel_days', 'journey_steps']
}) }}

{%- set touched_at = "cast(1000000 * date_part('epoch', first_touch_at) as bigint)" %}
{%- set last_touched_at = "cast(1000000 * date_part('epoch', last_touch_at) as bigint)" %}
{%- set left_at = "cast(1000000 * date_part('epoch', left_at) as bigint)" %}

with

customers as (

    select
        count(*) as touch_count,
        sum({{ touched_at }}) as all_touched_at,
        min(first_touch_at) as first_touch_at,
        max(first_touch_at) as last_touch_at
    from {{ ref('channel_days') }}
    where first_touch_at is not null and {{ only_changed('customer_id') }}
    group by customer_id

),

expected as (

    select
        coalesce(sum(touch_count - 1), 0) as steps,
        coalesce(sum(all_touched_at - {{ last_touched_at }}), 0) as left_at,
        coalesce(sum({{ last_touched_at }} - {{ touched_at }}), 0) as lasting
    from customers

),

found as (

    select
        count(*) as steps,
        coalesce(sum({{ left_at }}), 0) as left_at,
        1000000 * coalesce(sum(seconds), 0) as lasting
    from {{ ref('journey_steps') }}
    where {{ only_changed('customer_id') }}

)

select
    expected.steps as expected,
    found.steps as found
from expected
cross join found
where (expected.steps, expected.left_at, expected.lasting) <> (found.steps, found.left_at, found.lasting)
