-- A customer is in a segment or not; twice would be two adverts.
select
    segment,
    customer_id
from {{ ref('segment_memberships') }}
group by segment, customer_id
having count(*) > 1
