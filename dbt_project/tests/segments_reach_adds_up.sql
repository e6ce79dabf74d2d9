-- Everybody of a rule is reachable or falls out for one reason; and who is a member is not held back.
{{ config(meta={'dagster': {'ref': {'name': 'segment_reach'}}}) }}

select
    reach.segment,
    reach.channel
from {{ ref('segment_reach') }} as reach
inner join {{ ref('segment_catalogue') }} as catalogue
    on reach.segment = catalogue.segment
where
    reach.rule_count <> reach.reachable_count + reach.held_back_count + reach.weak_link_count
    + reach.consent_denied_count + reach.consent_unknown_count + reach.no_contact_point_count + reach.unreachable_count
    or reach.rule_count - reach.held_back_count <> catalogue.size
