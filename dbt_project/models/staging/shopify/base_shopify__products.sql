-- Shopify's products, typed. Grain: one row per row of raw_shopify.products, fit or not.
{{ config(materialized='difference', key=['record_key'], announces="'shopify:product:' || product_id") }}

with raw as materialized (
    {{ raw_stream('shopify', 'products') }}
),

{{ typed_rows([
    {'name': 'product_id', 'path': 'legacyResourceId', 'type': 'gid', 'required': true},
    {'name': 'title', 'path': 'title'},
    {'name': 'category', 'path': 'productType'},
    {'name': 'vendor', 'path': 'vendor'},
    {'name': 'price', 'path': 'variants.nodes.0.price', 'type': 'amount'},
    {'name': 'updated_at', 'path': 'updatedAt', 'type': 'timestamp'},
]) }}

select * from typed
