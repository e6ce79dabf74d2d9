-- The lines of Shopify's orders, typed. A line that does not fit is a value problem of its order, not a raw row of its
-- own. Grain: one row per element of an order's list of lines, fit or not.
{{ config(
    materialized='difference',
    key=['record_key'],
    announces="'shopify:order:' || order_id",
    indexes=[{'columns': ['order_id']}]
) }}

with raw as materialized (
    select
        orders.record_key || '/lines/' || line.place as record_key,
        orders.record_key as order_key,
        orders.order_id as native_id,
        cast(null as text) as ingest_error,
        line.payload || jsonb_build_object('order_id', orders.order_id) as payload
    from {{ ref('base_shopify__orders') }} as orders
    cross join lateral jsonb_array_elements(orders.line_items) with ordinality as line (payload, place)
    where orders.quarantine_reason is null
),

{{ typed_rows([
    {'name': 'order_line_id', 'path': 'id', 'type': 'gid', 'required': true},
    {'name': 'order_id', 'path': 'order_id', 'required': true},
    {'name': 'product_id', 'path': 'product.legacyResourceId', 'type': 'gid'},
    {'name': 'sku', 'path': 'sku'},
    {'name': 'title', 'path': 'title'},
    {'name': 'quantity', 'path': 'quantity', 'type': 'integer', 'required': true},
    {'name': 'unit_price', 'path': 'originalUnitPriceSet.shopMoney.amount', 'type': 'amount'},
]) }}

select * from typed
