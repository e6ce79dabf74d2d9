-- What was bought. Grain: one row per line of an order.
select
    order_line_id,
    order_id,
    product_id,
    sku,
    title,
    quantity,
    unit_price
from {{ ref('base_shopify__order_lines') }}
where quarantine_reason is null
