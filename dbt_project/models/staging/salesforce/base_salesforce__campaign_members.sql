-- Who was reached by which Salesforce campaign, typed. Grain: one row per row of
-- raw_salesforce.campaign_members, fit or not.
{{ config(
    materialized='difference',
    key=['record_key'],
    announces="'salesforce:campaign_response:' || campaign_member_id",
    indexes=[{'columns': ["('salesforce:campaign_response:' || campaign_member_id)"]}]
) }}

with raw as materialized (
    {{ raw_stream('salesforce', 'campaign_members') }}
),

{{ typed_rows([
    {'name': 'campaign_member_id', 'path': 'Id', 'type': 'id', 'required': true},
    {'name': 'campaign_id', 'path': 'CampaignId', 'type': 'id', 'required': true},
    {'name': 'contact_id', 'path': 'ContactId', 'type': 'id'},
    {'name': 'lead_id', 'path': 'LeadId', 'type': 'id'},
    {'name': 'status', 'path': 'Status'},
    {'name': 'has_responded', 'path': 'HasResponded', 'type': 'boolean'},
    {'name': 'responded_at', 'path': 'FirstRespondedDate', 'type': 'timestamp'},
    {'name': 'created_at', 'path': 'CreatedDate', 'type': 'timestamp', 'required': true},
    {'name': 'updated_at', 'path': 'SystemModstamp', 'type': 'timestamp'},
]) }}

select * from typed
