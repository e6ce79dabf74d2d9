-- Two golden values of one attribute would make every profile a matter of luck.
select
    customer_id,
    attribute
from {{ ref('golden_attributes') }}
group by customer_id, attribute
having count(*) > 1
