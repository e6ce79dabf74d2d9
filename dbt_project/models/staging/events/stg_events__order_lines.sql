-- The products of orders that only events tell of. Grain: one row per product of an Order Completed call.
select
    'events:' || products.call_key || ':' || products.place as order_line_id,
    'events:' || coalesce(orders.order_number, orders.record_key) as order_id,
    coalesce(products.product_id, products.sku) as product_id,
    products.sku,
    products.title,
    products.category,
    coalesce(products.quantity, 1) as quantity,
    products.unit_price,
    orders.currency
from {{ ref('base_events__products') }} as products
inner join {{ ref('stg_events__interactions') }} as orders on products.call_key = orders.record_key
where orders.kind = 'order' and products.quarantine_reason is null
