-- What customers have in common by which they may be one household: a home, or an e-mail or number of a household.
-- One row per customer and bond.
--
-- An address is a home while few share it (`household_limit`). Where more do, up to `household_building_limit`, it is a
-- house of flats, and only those of one family name are taken together; above that it is an office or a parcel shop.
-- Nor is an address a home where two customers share an identifier of a business.
{%- set limit = var('household_limit', 6) | int %}
{%- set building = var('household_building_limit', 40) | int %}
{{ config(materialized='difference', key=['customer_id', 'kind', 'bond']) }}
with

offices as (

    select addressed.place
    from {{ ref('household_addresses') }} as addressed
    inner join {{ ref('contact_points') }} as points
        on addressed.customer_id = points.customer_id and points.type = 'business'
    group by addressed.place, points.kind, points.match_key
    having count(distinct addressed.customer_id) > 1

),

crowded as (

    select
        customer_id,
        place,
        family,
        count(*) over (partition by place) as neighbours,
        count(*) over (partition by place, family) as relatives
    from {{ ref('household_addresses') }}
    where place not in (select offices.place from offices)

),

shared as (

    select distinct
        customer_id,
        kind,
        match_key
    from {{ ref('contact_points') }}
    where type = 'household'

),

counted as (

    select
        customer_id,
        kind,
        match_key,
        count(*) over (partition by kind, match_key) as carriers
    from shared

)

select
    customer_id,
    'address' as kind,
    place as bond
from crowded
where neighbours between 2 and {{ limit }}

union all

select
    customer_id,
    'address' as kind,
    place || ', ' || family as bond
from crowded
where
    neighbours between {{ limit + 1 }} and {{ building }}
    and family is not null and relatives between 2 and {{ limit }}

union all

select
    customer_id,
    kind,
    match_key as bond
from counted
where carriers between 2 and {{ limit }}
