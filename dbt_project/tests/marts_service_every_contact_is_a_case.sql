-- Whoever opened a ticket or called is in the figures of customer service, once: a case that is lost makes them look
-- better than they are, and one that is counted twice worse.
{{ config(meta={'dagster': {'ref': {'name': 'service_cases'}}}) }}

with

told as (

    select distinct coalesce(case_id, interaction_id) as case_id
    from {{ ref('touchpoints') }}
    where
        is_past
        and (
            kind = 'ticket' and case_id is not null and coalesce(direction, 'inbound') = 'inbound'
            or kind = 'call' and direction = 'inbound'
        )

)

select
    told.case_id as told,
    cases.case_id as listed
from told
full outer join {{ ref('service_cases') }} as cases on told.case_id = cases.case_id
where told.case_id is null or cases.case_id is null
