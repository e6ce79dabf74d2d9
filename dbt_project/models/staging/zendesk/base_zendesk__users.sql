-- Zendesk's users, customers and agents alike, typed; updated_at is not read (decision 0003). Grain: one row
-- per row of raw_zendesk.users, fit or not.
{{ config(
    materialized='difference',
    key=['record_key'],
    announces="'zendesk:user:' || user_id",
    indexes=[{'columns': ['user_id']}]
) }}

with raw as materialized (
    {{ raw_stream('zendesk', 'users') }}
),

{{ typed_rows([
    {'name': 'user_id', 'path': 'id', 'type': 'id', 'required': true},
    {'name': 'full_name', 'path': 'name'},
    {'name': 'email', 'path': 'email'},
    {'name': 'phone', 'path': 'phone'},
    {'name': 'role', 'path': 'role', 'required': true, 'among': ['end-user', 'agent', 'admin']},
    {'name': 'external_id', 'path': 'external_id', 'type': 'id'},
    {'name': 'locale', 'path': 'locale'},
    {'name': 'is_verified', 'path': 'verified', 'type': 'boolean'},
    {'name': 'is_active', 'path': 'active', 'type': 'boolean'},
    {'name': 'created_at', 'path': 'created_at', 'type': 'timestamp'},
]) }}

select * from typed
