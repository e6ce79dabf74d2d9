-- The e-mails, phones and handles by which Zendesk knows its users, typed. Grain: one row per row of
-- raw_zendesk.user_identities, fit or not.
{{ config(materialized='difference', key=['record_key'], announces="'zendesk:user:' || user_id") }}

with raw as materialized (
    {{ raw_stream('zendesk', 'user_identities') }}
),

{{ typed_rows([
    {'name': 'identity_id', 'path': 'id', 'type': 'id', 'required': true},
    {'name': 'user_id', 'path': 'user_id', 'type': 'id', 'required': true},
    {'name': 'kind', 'path': 'type', 'required': true},
    {'name': 'value', 'path': 'value', 'type': 'id', 'required': true},
    {'name': 'is_verified', 'path': 'verified', 'type': 'boolean'},
    {'name': 'is_primary', 'path': 'primary', 'type': 'boolean'},
    {'name': 'created_at', 'path': 'created_at', 'type': 'timestamp'},
    {'name': 'updated_at', 'path': 'updated_at', 'type': 'timestamp'},
]) }}

select * from typed
