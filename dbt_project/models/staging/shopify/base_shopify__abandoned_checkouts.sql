-- Shopify's checkouts that were left before payment, typed. Grain: one row per row of
-- raw_shopify.abandoned_checkouts, fit or not.
{{ config(
    materialized='difference',
    key=['record_key'],
    announces="'shopify:checkout:' || checkout_id",
    indexes=[{'columns': ["('shopify:checkout:' || checkout_id)"]}, {'columns': ['checkout_id']}]
) }}

with raw as materialized (
    {{ raw_stream('shopify', 'abandoned_checkouts') }}
),

{{ typed_rows([
    {'name': 'checkout_id', 'path': 'id', 'type': 'gid', 'required': true},
    {'name': 'shopify_customer_id', 'path': 'customer.legacyResourceId', 'type': 'gid'},
    {'name': 'started_at', 'path': 'createdAt', 'type': 'timestamp', 'required': true},
    {'name': 'completed_at', 'path': 'completedAt', 'type': 'timestamp'},
    {'name': 'total_amount', 'path': 'totalPriceSet.shopMoney.amount', 'type': 'amount'},
    {'name': 'currency', 'path': 'totalPriceSet.shopMoney.currencyCode'},
    {'name': 'product_ids', 'each': 'lineItems.nodes.product.legacyResourceId', 'type': 'gids'},
    {'name': 'updated_at', 'path': 'updatedAt', 'type': 'timestamp'},
]) }}

select * from typed
