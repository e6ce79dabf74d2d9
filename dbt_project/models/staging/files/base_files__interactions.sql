-- Interactions from files, typed. Grain: one row per row of raw_files.interactions, fit or not.
{{ config(materialized='table') }}

with raw as materialized (
    {{ raw_stream('files', 'interactions') }}
),

{{ typed_rows([
    {'name': 'source', 'path': 'source', 'required': true},
    {'name': 'interaction_id', 'path': 'interaction_id', 'type': 'id', 'required': true},
    {'name': 'record_id', 'path': 'record_id', 'required': true},
    {'name': 'stream', 'path': 'stream'},
    {'name': 'occurred_at', 'path': 'occurred_at', 'type': 'timestamp', 'required': true},
    {'name': 'channel', 'path': 'channel'},
    {'name': 'kind', 'path': 'kind'},
    {'name': 'direction', 'path': 'direction'},
    {'name': 'subject', 'path': 'subject'},
    {'name': 'amount', 'path': 'amount', 'type': 'amount'},
    {'name': 'currency', 'path': 'currency'},
    {'name': 'reference_id', 'path': 'reference_id', 'type': 'id'},
]) }}

select * from typed
