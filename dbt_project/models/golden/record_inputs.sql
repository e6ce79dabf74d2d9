-- Everything golden reads of a source record but its identifiers and consent. Grain: one row per source record.
-- What differs from the last run is announced by customer; everything per customer follows that.
{{ config(
    materialized='difference',
    key=['record_id'],
    together='customer_id',
    announces=['customer_id', 'record_id'],
    follows=['identity_records', 'identity.record_customers', 'stg_salesforce__contacts', 'stg_files__people'],
    scope='record_id',
    indexes=[{'columns': ['customer_id']}]
) }}
with

loyalty as (

    select
        record_id,
        loyalty_number,
        cast(null as text) as loyalty_tier,
        cast(null as numeric) as loyalty_points,
        cast(null as date) as member_since
    from {{ ref('stg_salesforce__contacts') }}
    where loyalty_number is not null and {{ only_changed('record_id') }}

    union all

    select
        record_id,
        loyalty_number,
        loyalty_tier,
        loyalty_points,
        member_since
    from {{ ref('stg_files__people') }}
    where
        coalesce(loyalty_number, loyalty_tier, cast(loyalty_points as text), cast(member_since as text)) is not null
        and {{ only_changed('record_id') }}

)

select
    records.record_id,
    record_customers.customer_id,
    records.source,
    records.entity,
    record_customers.link_strength,
    nullif(btrim(records.full_name), '') as full_name,
    nullif(btrim(records.given_name), '') as given_name,
    nullif(btrim(records.family_name), '') as family_name,
    nullif(btrim(records.street), '') as street,
    nullif(btrim(records.city), '') as city,
    nullif(btrim(records.region), '') as region,
    nullif(btrim(records.postcode), '') as postcode,
    nullif(btrim(records.country), '') as country,
    records.birth_date,
    nullif(btrim(records.birth_place), '') as birth_place,
    nullif(btrim(records.occupation), '') as occupation,
    nullif(btrim(records.organisation), '') as organisation,
    nullif(btrim(records.language), '') as language,
    nullif(btrim(loyalty.loyalty_number), '') as loyalty_number,
    nullif(btrim(loyalty.loyalty_tier), '') as loyalty_tier,
    loyalty.loyalty_points,
    loyalty.member_since,
    least(records.created_at, records.updated_at) as first_seen_at,
    coalesce(records.updated_at, records.created_at) as observed_at,
    greatest(records.created_at, records.updated_at) as last_seen_at
from {{ ref('identity_records') }} as records
inner join {{ source('identity', 'record_customers') }} as record_customers
    on records.record_id = record_customers.record_id
left join loyalty on records.record_id = loyalty.record_id
where {{ only_changed('records.record_id') }}
