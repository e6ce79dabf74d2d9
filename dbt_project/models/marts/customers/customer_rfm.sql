-- Recency, frequency and monetary value of each buyer among all buyers, in quintiles, and the group that has a name.
-- One row per customer who ever bought.
--
-- Quintiles after Hughes, Strategic Database Marketing (1994). Customers who are equal get equal scores: each takes the
-- middle of the places that they share (the ridit of Bross, 1958), so that a tie is never broken by chance and a shop
-- where most buy once has no frequency of 5 among those. The names are the seed `rfm_groups`.
--
-- Where ranks move, nearly every row is written; but a table made anew would take the views over it along for a while.
{{ config(materialized='difference', key=['customer_id']) }}
with

buyers as (

    select
        customer_id,
        lifetime_value,
        rank() over (order by last_order_at asc) + count(*) over (order by last_order_at asc)
            as recency_place,
        rank() over (order by order_count asc) + count(*) over (order by order_count asc)
            as frequency_place,
        rank() over (order by lifetime_value asc) + count(*) over (order by lifetime_value asc)
            as monetary_place,
        count(*) over () as buyer_count,
        cume_dist() over (order by lifetime_value desc) as spend_rank,
        -- Equal spenders stand together, at the last of their places: a tie never makes everyone the first.
        case when lifetime_value > 0 then count(*) over (order by lifetime_value desc) end as spend_standing
    from {{ ref('customer_sales') }}

),

scored as (

    -- Twice the middle place, less one, is between 0 and twice the number of buyers.
    select
        customer_id,
        spend_rank,
        spend_standing,
        least(5, 1 + cast(floor(5 * (recency_place - 1) / (2 * buyer_count)) as integer)) as rfm_recency,
        least(5, 1 + cast(floor(5 * (frequency_place - 1) / (2 * buyer_count)) as integer)) as rfm_frequency,
        least(5, 1 + cast(floor(5 * (monetary_place - 1) / (2 * buyer_count)) as integer)) as rfm_monetary
    from buyers

)

select
    scored.customer_id,
    scored.rfm_recency,
    scored.rfm_frequency,
    scored.rfm_monetary,
    groups.rfm_group,
    cast(scored.spend_rank as numeric(7, 6)) as spend_rank,
    scored.spend_standing
from scored
left join {{ ref('rfm_groups') }} as groups
    on
        scored.rfm_recency = groups.recency
        and (scored.rfm_frequency + scored.rfm_monetary + 1) / 2 = groups.value
