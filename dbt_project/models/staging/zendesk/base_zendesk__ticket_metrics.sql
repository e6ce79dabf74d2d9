-- How fast Zendesk's tickets were answered and solved, typed. Grain: one row per row of
-- raw_zendesk.ticket_metrics, fit or not.
{{ config(materialized='difference', key=['record_key'], announces="'zendesk:ticket:' || ticket_id") }}

with raw as materialized (
    {{ raw_stream('zendesk', 'ticket_metrics') }}
),

{{ typed_rows([
    {'name': 'metric_id', 'path': 'id', 'type': 'id', 'required': true},
    {'name': 'ticket_id', 'path': 'ticket_id', 'type': 'id', 'required': true},
    {'name': 'first_reply_minutes', 'path': 'reply_time_in_minutes.calendar', 'type': 'integer'},
    {'name': 'full_resolution_minutes', 'path': 'full_resolution_time_in_minutes.calendar', 'type': 'integer'},
    {'name': 'reopens', 'path': 'reopens', 'type': 'integer'},
    {'name': 'replies', 'path': 'replies', 'type': 'integer'},
    {'name': 'solved_at', 'path': 'solved_at', 'type': 'timestamp'},
    {'name': 'updated_at', 'path': 'updated_at', 'type': 'timestamp'},
]) }}

select * from typed
