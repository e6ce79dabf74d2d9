-- Everybody of a rule is reachable or falls out for one reason; and who is a member is not held back.
{{ config(meta={'dagster': {'ref': {'name': 'segment_reach'}}}) }}

select
    reach.segment,
    reach.channel
from {{ ref('segment_reach') }} as reach
inner join {{ ref('segment_catalogue') }} as catalogue
    on reach.segment = catalogue.segment
where
    reach.rule_count <> {{ sum_of_outcomes('reach') }}
    or reach.rule_count - reach.held_back_count <> catalogue.size
