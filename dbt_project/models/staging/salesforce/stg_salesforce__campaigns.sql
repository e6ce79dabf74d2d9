-- Marketing campaigns that the CRM keeps. Grain: one row per Salesforce campaign.
select
    campaign_id,
    name,
    type,
    status,
    start_date,
    updated_at
from {{ ref('base_salesforce__campaigns') }}
where quarantine_reason is null
