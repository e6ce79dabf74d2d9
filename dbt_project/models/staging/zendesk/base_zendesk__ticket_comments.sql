-- What was said on Zendesk's tickets, typed. Grain: one row per row of raw_zendesk.ticket_comments, fit or
-- not.
{{ config(
    materialized='difference',
    key=['record_key'],
    announces=["'zendesk:comment:' || comment_id", "'zendesk:ticket:' || ticket_id"],
    indexes=[{'columns': ["('zendesk:comment:' || comment_id)"]}, {'columns': ['author_id']}]
) }}

with raw as materialized (
    {{ raw_stream('zendesk', 'ticket_comments') }}
),

{{ typed_rows([
    {'name': 'comment_id', 'path': 'id', 'type': 'id', 'required': true},
    {'name': 'ticket_id', 'path': 'ticket_id', 'type': 'id', 'required': true},
    {'name': 'author_id', 'path': 'author_id', 'type': 'id', 'required': true},
    {'name': 'body', 'path': 'body'},
    {'name': 'is_public', 'path': 'public', 'type': 'boolean'},
    {'name': 'via', 'path': 'via', 'type': 'any'},
    {'name': 'created_at', 'path': 'created_at', 'type': 'timestamp', 'required': true},
]) }}

select * from typed
