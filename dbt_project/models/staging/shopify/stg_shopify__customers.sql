-- People with an account or an order in the shop. Grain: one row per Shopify customer.
select
    'shopify:customer:' || shopify_customer_id as record_id,
    shopify_customer_id,
    given_name,
    family_name,
    email,
    phone,
    email_marketing_state,
    sms_marketing_state,
    verified_email,
    nullif(concat_ws(', ', street_line_1, street_line_2), '') as street,
    city,
    region,
    postcode,
    country,
    locale,
    coalesce(tags, cast('{}' as text[])) as tags,
    created_at,
    updated_at
from {{ ref('base_shopify__customers') }}
where quarantine_reason is null
