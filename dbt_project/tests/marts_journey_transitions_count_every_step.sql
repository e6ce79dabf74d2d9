-- What of the steps is near enough to be one (`journey_gap_days`) is what the transitions count.
{{ config(meta={'dagster': {'ref': {'name': 'journey_transitions'}}}) }}

with

found as (

    select count(*) as steps
    from {{ ref('journey_steps') }}
    where seconds <= 86400 * {{ var('journey_gap_days', 30) }}

),

counted as (

    select coalesce(sum(step_count), 0) as steps
    from {{ ref('journey_transitions') }}

)

select
    found.steps as expected,
    counted.steps as counted
from found
cross join counted
where found.steps <> counted.steps
