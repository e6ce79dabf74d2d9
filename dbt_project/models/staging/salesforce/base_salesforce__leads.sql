-- Salesforce's leads, typed. Grain: one row per row of raw_salesforce.leads, fit or not.
{{ config(materialized='difference', key=['record_key'], announces="'salesforce:lead:' || lead_id") }}

with raw as materialized (
    {{ raw_stream('salesforce', 'leads') }}
),

{{ typed_rows([
    {'name': 'lead_id', 'path': 'Id', 'type': 'id', 'required': true},
    {'name': 'given_name', 'path': 'FirstName'},
    {'name': 'family_name', 'path': 'LastName'},
    {'name': 'email', 'path': 'Email'},
    {'name': 'phone', 'path': 'Phone'},
    {'name': 'mobile_phone', 'path': 'MobilePhone'},
    {'name': 'street', 'path': 'Street'},
    {'name': 'city', 'path': 'City'},
    {'name': 'region', 'path': 'State'},
    {'name': 'postcode', 'path': 'PostalCode', 'type': 'id'},
    {'name': 'country', 'path': 'Country'},
    {'name': 'company', 'path': 'Company'},
    {'name': 'status', 'path': 'Status'},
    {'name': 'converted_contact_id', 'path': 'ConvertedContactId', 'type': 'id'},
    {'name': 'email_opt_out', 'path': 'HasOptedOutOfEmail', 'type': 'boolean'},
    {'name': 'do_not_call', 'path': 'DoNotCall', 'type': 'boolean'},
    {'name': 'lead_source', 'path': 'LeadSource'},
    {'name': 'is_deleted', 'path': 'IsDeleted', 'type': 'boolean'},
    {'name': 'created_at', 'path': 'CreatedDate', 'type': 'timestamp'},
    {'name': 'updated_at', 'path': 'SystemModstamp', 'type': 'timestamp'},
]) }}

select * from typed
