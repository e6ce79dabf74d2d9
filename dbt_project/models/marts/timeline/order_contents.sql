-- What an order of the shop holds, in one row: how much, and its product and category where it is one. The timeline
-- says it of the order and of its returns. One row per order that has lines.
{{ config(
    materialized='difference',
    key=['order_id'],
    announces="'shopify:order:' || order_id",
    follows=['stg_shopify__order_lines', 'stg_shopify__products'],
    scope='order_id'
) }}

{% call also_changed() %}
    select * from {{ changed_named('shopify:order:') }} as named
    union
    select order_id
    from {{ ref('stg_shopify__order_lines') }}
    where {{ any_named('shopify:product:') }} and product_id in {{ changed_named('shopify:product:') }}
{% endcall %}

select
    order_lines.order_id,
    cast(sum(order_lines.quantity) as bigint) as quantity,
    case when min(order_lines.product_id) = max(order_lines.product_id) then min(order_lines.product_id) end
        as product_id,
    case
        when min(order_lines.product_id) = max(order_lines.product_id)
            then min(coalesce(order_lines.title, products.title))
    end as product_title,
    case when min(products.category) = max(products.category) then min(products.category) end as category
from {{ ref('stg_shopify__order_lines') }} as order_lines
left join {{ ref('stg_shopify__products') }} as products on order_lines.product_id = products.product_id
where {{ only_found('order_lines.order_id') }}
group by order_lines.order_id
