-- For whom the rules of segments hold that ask for nothing but the customer's own traits and events, and why; whoever
-- is held back meanwhile. One row per segment and customer. Only customers of whom something changed are asked again.
{{ config(
    materialized='difference',
    key=['segment', 'customer_id'],
    follows=['customer_own_features', 'segment_rule_events'],
    announces='customer_id',
    indexes=[{'columns': ['customer_id']}]
) }}
{{ segment_rule_member_rows(asks_shared=false) }}
