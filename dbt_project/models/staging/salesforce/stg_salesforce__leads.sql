-- People in the CRM who have only shown interest. Grain: one row per Salesforce lead, deleted ones included.
select
    'salesforce:lead:' || lead_id as record_id,
    lead_id,
    given_name,
    family_name,
    email,
    phone,
    mobile_phone,
    street,
    city,
    region,
    postcode,
    country,
    company,
    status,
    converted_contact_id,
    email_opt_out,
    do_not_call,
    lead_source,
    coalesce(is_deleted, false) as is_deleted,
    created_at,
    updated_at
from {{ ref('base_salesforce__leads') }}
where quarantine_reason is null
