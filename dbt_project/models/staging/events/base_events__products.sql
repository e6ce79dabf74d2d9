-- The products that a call lists (of an order, a cart, a list), typed. One that does not fit is a value problem of its
-- call, not a raw row of its own. Grain: one row per element of a call's list of products, fit or not.
{{ config(materialized='difference', key=['record_key'], announces="'events:call:' || call_key") }}

with raw as materialized (
    select
        calls.record_key || '/products/' || product.place as record_key,
        calls.record_key as native_id,
        cast(null as text) as ingest_error,
        product.payload || jsonb_build_object('call_key', calls.record_key, 'place', product.place) as payload
    from {{ ref('base_events__interactions') }} as calls
    cross join lateral jsonb_array_elements(calls.products) with ordinality as product (payload, place)
    where calls.quarantine_reason is null
),

{{ typed_rows([
    {'name': 'call_key', 'path': 'call_key', 'required': true},
    {'name': 'place', 'path': 'place', 'type': 'integer', 'required': true},
    {'name': 'product_id', 'path': 'product_id', 'type': 'id'},
    {'name': 'sku', 'path': 'sku', 'type': 'id'},
    {'name': 'title', 'path': 'name'},
    {'name': 'category', 'path': 'category'},
    {'name': 'quantity', 'path': 'quantity', 'type': 'amount'},
    {'name': 'unit_price', 'path': 'price', 'type': 'amount'},
]) }}

select * from typed
