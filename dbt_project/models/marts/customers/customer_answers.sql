-- What each customer answered last, in surveys and after service. One row per customer who ever answered.
-- CSAT and thumbs are one question (how was it?), the recommendation score (NPS) is another.
{{ config(materialized='difference', key=['customer_id'], announces='customer_id', follows=['touchpoints']) }}

with

-- A fence: few answer, and to look for them among everybody's touchpoints takes all there is.
of_changed as {{ put_aside() }} (

    select
        customer_id,
        interaction_id,
        occurred_at,
        is_past,
        rating,
        rating_scale
    from {{ ref('touchpoints') }}
    where {{ only_changed('customer_id') }}

),

answers as (

    select
        customer_id,
        interaction_id,
        occurred_at,
        rating,
        rating_scale = 'nps' as is_nps
    from of_changed
    where customer_id is not null and rating is not null and rating_scale is not null and is_past

)

select
    customer_id,
    cast((
        array_agg(rating order by occurred_at desc, interaction_id desc) filter (where not is_nps)
    )[1] as numeric(4, 3)) as last_csat,
    cast(10 * (
        array_agg(rating order by occurred_at desc, interaction_id desc) filter (where is_nps)
    )[1] as numeric(4, 1)) as last_nps,
    max(occurred_at) as last_survey_at
from answers
group by customer_id
