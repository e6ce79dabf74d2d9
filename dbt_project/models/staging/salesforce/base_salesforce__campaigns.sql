-- Salesforce's campaigns, typed. Grain: one row per row of raw_salesforce.campaigns, fit or not.
{{ config(materialized='difference', key=['record_key'], announces="'salesforce:campaign:' || campaign_id") }}

with raw as materialized (
    {{ raw_stream('salesforce', 'campaigns') }}
),

{{ typed_rows([
    {'name': 'campaign_id', 'path': 'Id', 'type': 'id', 'required': true},
    {'name': 'name', 'path': 'Name'},
    {'name': 'type', 'path': 'Type'},
    {'name': 'status', 'path': 'Status'},
    {'name': 'start_date', 'path': 'StartDate', 'type': 'date'},
    {'name': 'updated_at', 'path': 'SystemModstamp', 'type': 'timestamp'},
]) }}

select * from typed
