-- For whom the rules of segments hold that ask for traits which depend on other customers (macro `shared_traits`), and
-- why; whoever is held back meanwhile. One row per segment and customer. Everybody is asked, for any order moves the
-- ranks of all.
{{ config(
    materialized='difference',
    key=['segment', 'customer_id'],
    announces='customer_id',
    indexes=[{'columns': ['customer_id']}]
) }}
{{ segment_rule_member_rows(asks_shared=true) }}
