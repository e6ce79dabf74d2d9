-- Comments below the company's Instagram posts, typed. Grain: one row per row of raw_meta.comments, fit or
-- not.
{{ config(
    materialized='difference',
    key=['record_key'],
    announces="'meta:comment:' || comment_id",
    indexes=[{'columns': ["('meta:comment:' || comment_id)"]}]
) }}

with raw as materialized (
    {{ raw_stream('meta', 'comments') }}
),

{{ typed_rows([
    {'name': 'comment_id', 'path': 'id', 'type': 'id', 'required': true},
    {'name': 'media_id', 'path': 'media_id', 'type': 'id'},
    {'name': 'sender_id', 'path': 'from.id', 'type': 'id', 'required': true},
    {'name': 'sender_username', 'path': 'from.username'},
    {'name': 'body', 'path': 'text'},
    {'name': 'commented_at', 'path': 'timestamp', 'type': 'timestamp', 'required': true},
]) }}

select * from typed
