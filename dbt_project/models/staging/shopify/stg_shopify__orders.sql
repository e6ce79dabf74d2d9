-- Orders of the web shop, the tills and the Instagram shop. Grain: one row per Shopify order.
select
    order_id,
    order_name,
    'shopify:customer:' || shopify_customer_id as record_id,
    email,
    phone,
    case
        when source_name = 'pos' then 'store'
        when 'instagram' in (source_name, channel_handle) then 'instagram'
        else 'web'
    end as channel,
    coalesce('PICK_UP' = any(delivery_methods), false) as is_pickup,
    financial_status,
    fulfilment_status,
    coalesce(processed_at, created_at) as ordered_at,
    delivered_at,
    cancelled_at,
    total_amount,
    coalesce(discount_amount, 0) as discount_amount,
    nullif(array_to_string(discount_codes, ', '), '') as discount_code,
    currency,
    location_name,
    updated_at
from {{ ref('base_shopify__orders') }}
where quarantine_reason is null
