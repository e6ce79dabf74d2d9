-- Direct messages on X, typed; events that are no message have no place in staging. Grain: one row per row of
-- raw_x.direct_messages, fit or not.
{{ config(
    materialized='difference',
    key=['record_key'],
    announces="'x:message:' || message_id",
    indexes=[{'columns': ["('x:message:' || message_id)"]}]
) }}

with raw as materialized (
    {{ raw_stream('x', 'direct_messages') }}
),

{{ typed_rows([
    {'name': 'message_id', 'path': 'id', 'type': 'id', 'required': true},
    {'name': 'event_type', 'path': 'event_type', 'required': true, 'among': ['MessageCreate']},
    {'name': 'conversation_id', 'path': 'dm_conversation_id', 'type': 'id', 'required': true},
    {'name': 'sender_id', 'path': 'sender_id', 'type': 'id', 'required': true},
    {'name': 'participant_ids', 'path': 'participant_ids', 'type': 'ids'},
    {'name': 'body', 'path': 'text'},
    {'name': 'sent_at', 'path': 'created_at', 'type': 'timestamp', 'required': true},
]) }}

select * from typed
