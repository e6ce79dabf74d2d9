-- Posts on X that mention the company, typed. Grain: one row per row of raw_x.mentions, fit or not.
{{ config(
    materialized='difference',
    key=['record_key'],
    announces="'x:mention:' || post_id",
    indexes=[{'columns': ["('x:mention:' || post_id)"]}]
) }}

with raw as materialized (
    {{ raw_stream('x', 'mentions') }}
),

{{ typed_rows([
    {'name': 'post_id', 'path': 'id', 'type': 'id', 'required': true},
    {'name': 'author_id', 'path': 'author_id', 'type': 'id', 'required': true},
    {'name': 'body', 'path': 'text'},
    {'name': 'posted_at', 'path': 'created_at', 'type': 'timestamp', 'required': true},
]) }}

select * from typed
