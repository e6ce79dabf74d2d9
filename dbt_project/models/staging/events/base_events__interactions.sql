-- Calls that say what somebody did, typed: track, page, screen.
-- Grain: one row per row of raw_events.interactions, fit or not.
{{ config(materialized='table') }}

with raw as materialized (
    {{ raw_stream('events', 'interactions') }}
),

{{ typed_rows([
    {'name': 'type', 'path': 'type', 'required': true, 'among': ['track', 'page', 'screen']},
    {'name': 'occurred_at', 'path': 'timestamp', 'type': 'timestamp', 'required': true},
    {'name': 'user_id', 'path': 'userId', 'type': 'id'},
    {'name': 'anonymous_id', 'path': 'anonymousId', 'type': 'id'},
    {'name': 'event', 'path': 'event'},
    {'name': 'page_name', 'path': 'name'},
    {'name': 'page_title', 'path': 'properties.title'},
    {'name': 'context_title', 'path': 'context.page.title'},
    {'name': 'url', 'path': 'properties.url'},
    {'name': 'context_url', 'path': 'context.page.url'},
    {'name': 'device_type', 'path': 'context.device.type'},
    {'name': 'origin', 'path': 'channel'},
    {'name': 'session_id', 'path': 'context.sessionId', 'type': 'id'},
    {'name': 'campaign', 'path': 'context.campaign.name'},
    {'name': 'utm_source', 'path': 'context.campaign.source'},
    {'name': 'utm_medium', 'path': 'context.campaign.medium'},
    {'name': 'order_id', 'path': 'properties.order_id', 'type': 'id'},
    {'name': 'order_id_camel', 'path': 'properties.orderId', 'type': 'id'},
    {'name': 'total', 'path': 'properties.total', 'type': 'amount'},
    {'name': 'revenue', 'path': 'properties.revenue', 'type': 'amount'},
    {'name': 'value', 'path': 'properties.value', 'type': 'amount'},
    {'name': 'price', 'path': 'properties.price', 'type': 'amount'},
    {'name': 'discount', 'path': 'properties.discount', 'type': 'amount'},
    {'name': 'coupon', 'path': 'properties.coupon'},
    {'name': 'currency', 'path': 'properties.currency'},
    {'name': 'quantity', 'path': 'properties.quantity', 'type': 'amount'},
    {'name': 'product_id', 'path': 'properties.product_id', 'type': 'id'},
    {'name': 'sku', 'path': 'properties.sku', 'type': 'id'},
    {'name': 'product_title', 'path': 'properties.name'},
    {'name': 'category', 'path': 'properties.category'},
    {'name': 'products', 'path': 'properties.products', 'type': 'array'},
]) }}

select * from typed
