-- People in the CRM whom sales or service knows. Grain: one row per Salesforce contact, deleted ones
-- included.
select
    'salesforce:contact:' || contact_id as record_id,
    contact_id,
    given_name,
    family_name,
    former_family_name,
    email,
    phone,
    mobile_phone,
    street,
    city,
    region,
    postcode,
    country,
    birth_date,
    instagram_handle,
    x_handle,
    shopify_customer_id,
    loyalty_number,
    email_opt_out,
    do_not_call,
    lead_source,
    coalesce(is_deleted, false) as is_deleted,
    created_at,
    updated_at
from {{ ref('base_salesforce__contacts') }}
where quarantine_reason is null
