-- What the timeline says a touchpoint is about is an order that there is: both name orders alike.
{{ config(meta={'dagster': {'ref': {'name': 'touchpoints'}}, 'follows': ['touchpoints', 'orders']}) }}

select distinct touchpoints.order_id
from {{ ref('touchpoints') }} as touchpoints
left join {{ ref('orders') }} as orders on touchpoints.order_id = orders.order_id
where touchpoints.order_id is not null and orders.order_id is null and {{ only_changed('touchpoints.customer_id') }}
