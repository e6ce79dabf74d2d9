-- How customers rated the answer to their Zendesk ticket, typed. Grain: one row per row of
-- raw_zendesk.satisfaction_ratings, fit or not.
{{ config(
    materialized='difference',
    key=['record_key'],
    announces=["'zendesk:rating:' || rating_id", "'zendesk:ticket:' || ticket_id"],
    indexes=[{'columns': ["('zendesk:rating:' || rating_id)"]}]
) }}

with raw as materialized (
    {{ raw_stream('zendesk', 'satisfaction_ratings') }}
),

{{ typed_rows([
    {'name': 'rating_id', 'path': 'id', 'type': 'id', 'required': true},
    {'name': 'ticket_id', 'path': 'ticket_id', 'type': 'id', 'required': true},
    {'name': 'requester_id', 'path': 'requester_id', 'type': 'id'},
    {'name': 'score', 'path': 'score', 'required': true, 'among': ['good', 'bad', 'offered', 'unoffered']},
    {'name': 'comment', 'path': 'comment'},
    {'name': 'created_at', 'path': 'created_at', 'type': 'timestamp', 'required': true},
    {'name': 'updated_at', 'path': 'updated_at', 'type': 'timestamp'},
]) }}

select * from typed
