-- What somebody wrote was written in a touchpoint of the timeline: both name touchpoints alike.
{{ config(meta={'dagster': {'ref': {'name': 'touchpoints'}}}) }}

select written.interaction_id
from {{ ref('written_identifiers') }} as written
left join {{ ref('touchpoints') }} as touchpoints on written.interaction_id = touchpoints.interaction_id
where touchpoints.interaction_id is null
