-- Shopify's returns, typed. Grain: one row per row of raw_shopify.returns, fit or not.
{{ config(
    materialized='difference',
    key=['record_key'],
    announces=["'shopify:return:' || return_id", "'shopify:order:' || order_id"],
    indexes=[{'columns': ["('shopify:return:' || return_id)"]}, {'columns': ['order_id']}]
) }}

with raw as materialized (
    {{ raw_stream('shopify', 'returns') }}
),

{{ typed_rows([
    {'name': 'return_id', 'path': 'id', 'type': 'gid', 'required': true},
    {'name': 'order_id', 'path': 'order.legacyResourceId', 'type': 'gid', 'required': true},
    {'name': 'status', 'path': 'status'},
    {'name': 'reasons', 'each': 'returnLineItems.nodes.returnReason', 'type': 'texts'},
    {'name': 'requested_at', 'path': 'createdAt', 'type': 'timestamp', 'required': true},
    {'name': 'total_quantity', 'path': 'totalQuantity', 'type': 'integer'},
]) }}

select * from typed
