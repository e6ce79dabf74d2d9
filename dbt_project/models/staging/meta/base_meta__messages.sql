-- Messages in Instagram and Messenger, typed. Grain: one row per row of raw_meta.messages, fit or not.
{{ config(
    materialized='difference',
    key=['record_key'],
    announces="'meta:message:' || message_id",
    indexes=[{'columns': ["('meta:message:' || message_id)"]}]
) }}

with raw as materialized (
    {{ raw_stream('meta', 'messages') }}
),

{{ typed_rows([
    {'name': 'message_id', 'path': 'id', 'type': 'id', 'required': true},
    {'name': 'conversation_id', 'path': 'conversation_id', 'type': 'id', 'required': true},
    {'name': 'platform', 'path': 'platform', 'required': true, 'among': ['instagram', 'messenger']},
    {'name': 'sender_id', 'path': 'from.id', 'type': 'id', 'required': true},
    {'name': 'sender_username', 'path': 'from.username'},
    {'name': 'sender_name', 'path': 'from.name'},
    {'name': 'recipient_ids', 'each': 'to.data.id', 'type': 'ids'},
    {'name': 'body', 'path': 'message'},
    {'name': 'sent_at', 'path': 'created_time', 'type': 'timestamp', 'required': true},
]) }}

select * from typed
