-- Conversations in Instagram and Messenger, typed. Grain: one row per row of raw_meta.conversations, fit or
-- not.
{{ config(materialized='table') }}

with raw as materialized (
    {{ raw_stream('meta', 'conversations') }}
),

{{ typed_rows([
    {'name': 'conversation_id', 'path': 'id', 'type': 'id', 'required': true},
    {'name': 'platform', 'path': 'platform', 'required': true, 'among': ['instagram', 'messenger']},
    {'name': 'participants', 'path': 'participants.data', 'type': 'array', 'required': true},
    {'name': 'participant_ids', 'each': 'participants.data.id', 'type': 'ids', 'required': true},
    {'name': 'updated_at', 'path': 'updated_time', 'type': 'timestamp'},
]) }}

select * from typed
