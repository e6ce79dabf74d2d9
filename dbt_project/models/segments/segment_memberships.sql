-- Who is in which segment, and why. One row per segment and customer.
-- A segment whose purpose is marketing leaves out everyone in a segment that holds back (they wait for support, or are
-- unhappy): no promotion to them meanwhile.
{{ config(
    materialized='difference',
    key=['segment', 'customer_id'],
    follows=['segment_own_rule_members', 'segment_shared_rule_members']
) }}
with

stated as (

    select *
    from (
        {{ segment_rows() | indent(8) }}
    ) as rules
    where {{ only_changed('customer_id') }}

),

held_back as (

    select distinct customer_id
    from stated
    where segment = any({{ segment_array(segments_that_hold_back()) }})

)

select
    stated.segment,
    stated.customer_id,
    stated.reason
from stated
left join held_back on stated.customer_id = held_back.customer_id
where
    held_back.customer_id is null
    or not stated.segment = any({{ segment_array(segments_of_purpose('marketing')) }})
