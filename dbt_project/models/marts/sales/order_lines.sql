-- What was bought: each line of each order with its product's category and the order's customer.
-- One row per order line. A product that the shop has since deleted keeps its line, without a category.
{{ config(
    materialized='difference',
    key=['order_line_id'],
    together='customer_id',
    announces='customer_id',
    follows=[
        'stg_shopify__order_lines', 'stg_shopify__products', 'exported_order_lines', 'stg_events__order_lines', 'orders'
    ],
    scope='order_id',
    indexes=[{'columns': ['customer_id']}, {'columns': ['order_id']}]
) }}

{#- As in `orders`, the lines of events are always computed again. -#}
{% call also_changed() %}
    select * from {{ changed_named('shopify:order:') }} as named
    union
    select * from {{ changed_named('order:') }} as named
    union
    select order_id
    from {{ this }}
    where
        {{ any_named('files_order:') }} and order_id like '%:%'
        and regexp_replace(order_id, ':[^:]*$', '') in {{ changed_named('files_order:') }}
    union
    select order_id from {{ this }} where order_id = any(array(select order_id from {{ ref('orders') }} where source = 'events'))
    union
    select order_id
    from {{ this }}
    where {{ any_named('shopify:product:') }} and product_id in {{ changed_named('shopify:product:') }}
{% endcall %}
{% call also_changed() %}
    select order_id
    from {{ ref('exported_order_lines') }}
    where {{ any_named('files_order:') }} and regexp_replace(order_id, ':[^:]*$', '') in {{ changed_named('files_order:') }}
    union
    select * from {{ changed_named('files_order:') }} as named
    union
    select order_id from {{ ref('stg_events__order_lines') }}
{% endcall %}

with

lines as (

    select
        order_line_id,
        order_id,
        product_id,
        sku,
        title,
        cast(null as text) as category,
        quantity,
        cast(unit_price as numeric) as unit_price,
        quantity * unit_price as line_amount,
        false as is_cancelled
    from {{ ref('stg_shopify__order_lines') }}
    where {{ only_found('order_id') }}

    union all

    -- Where the source gives the worth of a line, the price of one is a share of it.
    select
        order_line_id,
        order_id,
        product_id,
        product_id as sku,
        title,
        category,
        cast(round(coalesce(quantity, 1)) as bigint) as quantity,
        amount / nullif(coalesce(quantity, 1), 0) as unit_price,
        amount as line_amount,
        is_cancelled
    from {{ ref('exported_order_lines') }}
    where {{ only_changed('order_id') }}

    union all

    select
        order_line_id,
        order_id,
        product_id,
        sku,
        title,
        category,
        cast(round(quantity) as bigint) as quantity,
        unit_price,
        quantity * unit_price as line_amount,
        false as is_cancelled
    from {{ ref('stg_events__order_lines') }}

)

select
    lines.order_line_id,
    lines.order_id,
    orders.customer_id,
    orders.channel,
    orders.ordered_at,
    coalesce(orders.is_sale, false) and not lines.is_cancelled as is_sale,
    lines.product_id,
    lines.sku,
    coalesce(lines.title, products.title) as title,
    coalesce(lines.category, products.category) as category,
    lines.quantity,
    cast(lines.unit_price as numeric(18, 2)) as unit_price,
    cast(lines.line_amount as numeric(18, 2)) as line_amount,
    orders.currency
from lines
left join {{ ref('orders') }} as orders
    on lines.order_id = orders.order_id
left join {{ ref('stg_shopify__products') }} as products
    on lines.product_id = products.product_id
