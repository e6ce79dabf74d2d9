-- Goods sent back, or asked to be. Grain: one row per Shopify return.
select
    return_id,
    order_id,
    status,
    reasons[1] as reason,
    requested_at,
    total_quantity
from {{ ref('base_shopify__returns') }}
where quarantine_reason is null
