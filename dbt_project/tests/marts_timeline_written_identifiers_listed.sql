-- What somebody wrote was written in a touchpoint of the timeline: both name touchpoints alike. As a rule it is one of
-- talking; only what is not is looked for in the rest.
{{ config(meta={'dagster': {'ref': {'name': 'touchpoints'}}, 'follows': ['written_identifiers']}) }}

with

not_said as materialized (

    select written.interaction_id
    from {{ ref('written_identifiers') }} as written
    left join {{ ref('touchpoints') }} as said
        on written.interaction_id = said.interaction_id and said.is_communication
    where said.interaction_id is null and {{ only_changed('written.interaction_id') }}

)

select not_said.interaction_id
from not_said
left join {{ ref('touchpoints') }} as touchpoints on not_said.interaction_id = touchpoints.interaction_id
where touchpoints.interaction_id is null
