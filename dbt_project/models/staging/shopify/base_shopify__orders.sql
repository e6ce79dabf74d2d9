-- Shopify's orders, typed; the lines stay together until base_shopify__order_lines. Grain: one row per row of
-- raw_shopify.orders, fit or not.
{{ config(
    materialized='difference',
    key=['record_key'],
    announces="'shopify:order:' || order_id",
    indexes=[{'columns': ["('shopify:order:' || order_id)"]}, {'columns': ['order_id']}]
) }}

with raw as materialized (
    {{ raw_stream('shopify', 'orders') }}
),

{{ typed_rows([
    {'name': 'order_id', 'path': 'legacyResourceId', 'type': 'gid', 'required': true},
    {'name': 'order_name', 'path': 'name'},
    {'name': 'shopify_customer_id', 'path': 'customer.legacyResourceId', 'type': 'gid'},
    {'name': 'email', 'path': 'email'},
    {'name': 'phone', 'path': 'phone'},
    {'name': 'source_name', 'path': 'sourceName'},
    {'name': 'channel_handle', 'path': 'channelInformation.channelDefinition.handle'},
    {'name': 'financial_status', 'path': 'displayFinancialStatus'},
    {'name': 'fulfilment_status', 'path': 'displayFulfillmentStatus'},
    {'name': 'delivery_methods', 'each': 'fulfillmentOrders.nodes.deliveryMethod.methodType', 'type': 'texts'},
    {'name': 'created_at', 'path': 'createdAt', 'type': 'timestamp', 'required': true},
    {'name': 'processed_at', 'path': 'processedAt', 'type': 'timestamp'},
    {'name': 'delivered_at', 'each': 'fulfillments.deliveredAt', 'type': 'latest_timestamp'},
    {'name': 'cancelled_at', 'path': 'cancelledAt', 'type': 'timestamp'},
    {'name': 'total_amount', 'path': 'totalPriceSet.shopMoney.amount', 'type': 'amount', 'required': true},
    {'name': 'discount_amount', 'path': 'totalDiscountsSet.shopMoney.amount', 'type': 'amount'},
    {'name': 'discount_codes', 'path': 'discountCodes', 'type': 'texts'},
    {'name': 'currency', 'path': 'totalPriceSet.shopMoney.currencyCode'},
    {'name': 'location_name', 'path': 'retailLocation.name'},
    {'name': 'updated_at', 'path': 'updatedAt', 'type': 'timestamp'},
    {'name': 'line_items', 'path': 'lineItems.nodes', 'type': 'array'},
]) }}

select * from typed
