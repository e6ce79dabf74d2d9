-- What people did in the shop: orders, checkouts, returns. What was bought is said when it is one product, or of one
-- category. Grain: one row per touchpoint.
{{ config(materialized='view') }}

with

orders as (

    select
        {{ touchpoint_columns({
            'interaction_id': "'shopify:order:' || orders.order_id",
            'record_id': 'orders.record_id',
            'occurred_at': 'orders.ordered_at',
            'channel': 'orders.channel',
            'kind': "'order'",
            'direction': "'inbound'",
            'subject': 'orders.order_name',
            'amount': 'orders.total_amount',
            'currency': 'orders.currency',
            'quantity': 'contents.quantity',
            'source': "'shopify'",
            'reference_id': 'orders.order_id',
            'order_id': 'orders.order_id',
            'product_id': 'contents.product_id',
            'product_title': 'contents.product_title',
            'category': 'contents.category',
        }) }}
    from {{ ref('stg_shopify__orders') }} as orders
    left join {{ ref('order_contents') }} as contents on orders.order_id = contents.order_id

),

checkouts as (

    select
        {{ touchpoint_columns({
            'interaction_id': "'shopify:checkout:' || checkouts.checkout_id",
            'record_id': 'checkouts.record_id',
            'occurred_at': 'checkouts.started_at',
            'channel': "'web'",
            'kind': "'checkout'",
            'direction': "'inbound'",
            'subject': "case when checkouts.completed_at is null then 'Checkout left' else 'Checkout completed' end",
            'amount': 'checkouts.total_amount',
            'currency': 'checkouts.currency',
            'source': "'shopify'",
            'reference_id': 'checkouts.checkout_id',
            'product_id': 'products.product_id',
            'product_title': 'products.title',
            'category': 'products.category',
        }) }}
    from {{ ref('stg_shopify__abandoned_checkouts') }} as checkouts
    left join {{ ref('stg_shopify__products') }} as products
        on checkouts.product_ids[1] = products.product_id and array_length(checkouts.product_ids, 1) = 1

),

returns as (

    select
        {{ touchpoint_columns({
            'interaction_id': "'shopify:return:' || returns.return_id",
            'record_id': 'orders.record_id',
            'occurred_at': 'coalesce(returns.requested_at, orders.ordered_at)',
            'channel': 'orders.channel',
            'kind': "'return'",
            'direction': "'inbound'",
            'subject': 'returns.reason',
            'quantity': 'returns.total_quantity',
            'source': "'shopify'",
            'reference_id': 'returns.order_id',
            'order_id': 'orders.order_id',
            'product_id': 'contents.product_id',
            'product_title': 'contents.product_title',
            'category': 'contents.category',
        }) }}
    from {{ ref('stg_shopify__returns') }} as returns
    left join {{ ref('stg_shopify__orders') }} as orders on returns.order_id = orders.order_id
    left join {{ ref('order_contents') }} as contents on returns.order_id = contents.order_id

)

select * from orders
union all
select * from checkouts
union all
select * from returns
