-- Checkouts that were left before payment; completed_at is set when the customer came back and paid. Grain:
-- one row per Shopify checkout.
select
    checkout_id,
    'shopify:customer:' || shopify_customer_id as record_id,
    started_at,
    completed_at,
    total_amount,
    currency,
    coalesce(product_ids, cast('{}' as text[])) as product_ids,
    updated_at
from {{ ref('base_shopify__abandoned_checkouts') }}
where quarantine_reason is null
