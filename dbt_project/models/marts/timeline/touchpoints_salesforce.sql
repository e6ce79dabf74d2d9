-- Who answered a campaign of the CRM. Grain: one row per touchpoint.
{{ config(materialized='view') }}

select
    {{ touchpoint_columns({
        'interaction_id': "'salesforce:campaign_response:' || members.campaign_member_id",
        'record_id': 'members.record_id',
        'occurred_at': 'coalesce(members.responded_at, members.updated_at, members.created_at)',
        'channel': "lower(coalesce(campaigns.type, 'campaign'))",
        'kind': "'campaign_response'",
        'direction': "'inbound'",
        'subject': "concat_ws(': ', campaigns.name, members.status)",
        'source': "'salesforce'",
        'reference_id': 'members.campaign_id',
        'campaign': 'campaigns.name',
        'outcome': 'members.status',
    }) }}
from {{ ref('stg_salesforce__campaign_members') }} as members
left join {{ ref('stg_salesforce__campaigns') }} as campaigns on members.campaign_id = campaigns.campaign_id
where members.has_responded
