-- What the events come to that the rules of segments count. One row per segment, condition and customer with any.
{{ config(
    materialized='difference',
    key=['segment', 'path', 'customer_id'],
    follows=['touchpoints', 'orders', 'order_lines'],
    announces='customer_id',
    indexes=[{'columns': ['customer_id']}]
) }}
{{ segment_rule_event_rows() }}
