-- Whoever opened a ticket or called is in the figures of customer service, once: a case that is lost makes them look
-- better than they are, and one that is counted twice worse. Contacts and cases are brought side by side only where
-- their sums differ (`weight_of`).
{{ config(meta={'dagster': {'ref': {'name': 'service_cases'}}}) }}

with

told as not materialized (

    select coalesce(case_id, interaction_id) as case_id
    from {{ ref('touchpoints') }}
    where
        is_past
        and (
            kind = 'ticket' and case_id is not null and coalesce(direction, 'inbound') = 'inbound'
            or kind = 'call' and direction = 'inbound'
        )

),

sums as (

    select
        (select coalesce(sum({{ weight_of(['case_id']) }}), 0) from told) as of_contacts,
        (select coalesce(sum({{ weight_of(['case_id']) }}), 0) from {{ ref('service_cases') }}) as of_cases

)

select
    told.case_id as told,
    cases.case_id as listed
from (select distinct case_id from told) as told
full outer join {{ ref('service_cases') }} as cases on told.case_id = cases.case_id
where
    (select sums.of_contacts <> sums.of_cases from sums)
    and (told.case_id is null or cases.case_id is null)
