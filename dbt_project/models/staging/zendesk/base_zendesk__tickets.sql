-- Zendesk's tickets, typed. Grain: one row per row of raw_zendesk.tickets, fit or not.
{{ config(
    materialized='difference',
    key=['record_key'],
    announces="'zendesk:ticket:' || ticket_id",
    indexes=[{'columns': ["('zendesk:ticket:' || ticket_id)"]}, {'columns': ['ticket_id']}]
) }}

with raw as materialized (
    {{ raw_stream('zendesk', 'tickets') }}
),

{{ typed_rows([
    {'name': 'ticket_id', 'path': 'id', 'type': 'id', 'required': true},
    {'name': 'requester_id', 'path': 'requester_id', 'type': 'id', 'required': true},
    {'name': 'subject', 'path': 'subject'},
    {'name': 'via_channel', 'path': 'via.channel'},
    {'name': 'status', 'path': 'status'},
    {'name': 'priority', 'path': 'priority'},
    {'name': 'group_id', 'path': 'group_id', 'type': 'id'},
    {'name': 'created_at', 'path': 'created_at', 'type': 'timestamp', 'required': true},
    {'name': 'updated_at', 'path': 'updated_at', 'type': 'timestamp'},
    {'name': 'due_at', 'path': 'due_at', 'type': 'timestamp'},
]) }}

select * from typed
