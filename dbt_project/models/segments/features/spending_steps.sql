-- How strongly the trait of spending shows, in steps of the rank among all buyers. One row per buyer of the upper half.
-- The rank itself is another for everybody with each order; the step is for few, and only those are scored anew.
{{ config(materialized='difference', key=['customer_id'], announces='customer_id') }}
select
    customer_id,
    cast(
        case
            when spend_rank <= 0.05 then 1
            when spend_rank <= 0.1 then 0.8
            when spend_rank <= 0.2 then 0.5
            else 0.2
        end as numeric(2, 1)
    ) as strength
from {{ ref('customer_rfm') }}
where spend_rank <= 0.5
