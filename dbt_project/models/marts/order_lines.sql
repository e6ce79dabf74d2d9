-- What was bought: each line of each order with its product's category and the order's customer.
-- One row per order line. A product that the shop has since deleted keeps its line, without a category.
select
    order_lines.order_line_id,
    order_lines.order_id,
    orders.customer_id,
    orders.channel,
    orders.ordered_at,
    coalesce(orders.is_sale, false) as is_sale,
    order_lines.product_id,
    order_lines.sku,
    coalesce(order_lines.title, products.title) as title,
    products.category,
    order_lines.quantity,
    cast(order_lines.unit_price as numeric(18, 2)) as unit_price,
    cast(order_lines.quantity * order_lines.unit_price as numeric(18, 2)) as line_amount,
    orders.currency
from {{ ref('stg_shopify__order_lines') }} as order_lines
left join {{ ref('orders') }} as orders
    on order_lines.order_id = orders.order_id
left join {{ ref('stg_shopify__products') }} as products
    on order_lines.product_id = products.product_id
