-- Who came to a stage went on from the one before it, and more cannot go on than came.
{{ config(meta={'dagster': {'ref': {'name': 'journey_drop_off'}}}) }}

select
    later.stage,
    earlier.went_on,
    later.reached
from {{ ref('journey_drop_off') }} as earlier
inner join {{ ref('journey_drop_off') }} as later on earlier.next_stage = later.stage
where
    earlier.went_on > earlier.reached
    or (earlier.stage <> 'served' and earlier.went_on <> later.reached)
