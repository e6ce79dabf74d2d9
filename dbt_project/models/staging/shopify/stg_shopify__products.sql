-- What the shop sells. Grain: one row per Shopify product.
select
    product_id,
    title,
    category,
    vendor,
    price,
    updated_at
from {{ ref('base_shopify__products') }}
where quarantine_reason is null
