-- Who was reached by which campaign, and whether they answered. Grain: one row per campaign and contact or
-- lead.
select
    campaign_member_id,
    campaign_id,
    case
        when contact_id is not null then 'salesforce:contact:' || contact_id
        when lead_id is not null then 'salesforce:lead:' || lead_id
    end as record_id,
    status,
    coalesce(has_responded, false) as has_responded,
    responded_at,
    created_at,
    updated_at
from {{ ref('base_salesforce__campaign_members') }}
where quarantine_reason is null
