-- Accounts on X that wrote to or about the company, typed. Grain: one row per row of raw_x.users, fit or not.
{{ config(materialized='table') }}

with raw as materialized (
    {{ raw_stream('x', 'users') }}
),

{{ typed_rows([
    {'name': 'user_id', 'path': 'id', 'type': 'id', 'required': true},
    {'name': 'username', 'path': 'username'},
    {'name': 'full_name', 'path': 'name'},
    {'name': 'location', 'path': 'location'},
    {'name': 'created_at', 'path': 'created_at', 'type': 'timestamp'},
]) }}

select * from typed
