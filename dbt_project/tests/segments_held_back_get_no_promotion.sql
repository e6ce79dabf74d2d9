-- Nobody who waits for support, or is unhappy with it, is in an audience for marketing.
{{ config(meta={'dagster': {'ref': {'name': 'segment_memberships'}}}) }}

select
    memberships.segment,
    memberships.customer_id
from {{ ref('segment_memberships') }} as memberships
inner join {{ ref('segment_catalogue') }} as catalogue
    on memberships.segment = catalogue.segment
inner join {{ ref('segment_memberships') }} as held_back
    on memberships.customer_id = held_back.customer_id
inner join {{ ref('segment_catalogue') }} as holding
    on held_back.segment = holding.segment
where catalogue.purpose = 'marketing' and holding.holds_back
