-- Nobody who waits for an overdue answer, or has just rated us badly, is in an audience for marketing.
{{ config(meta={'dagster': {'ref': {'name': 'segment_catalogue'}}}) }}

select
    memberships.segment,
    memberships.customer_id
from {{ ref('segment_memberships') }} as memberships
inner join {{ ref('segment_catalogue') }} as catalogue
    on memberships.segment = catalogue.segment
inner join {{ ref('seg_unhappy_recently') }} as unhappy
    on memberships.customer_id = unhappy.customer_id
where catalogue.purpose = 'marketing'
