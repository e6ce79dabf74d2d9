-- Where a customer lives, folded so that two spellings of one address are the same.
-- One row per customer with an address that can be a home: a street without a number is none.
{{ config(materialized='difference', key=['customer_id'], follows=['golden_attributes']) }}
with

parts as (

    select
        customer_id,
        max(value) filter (where attribute = 'street') as street,
        max(value) filter (where attribute = 'postcode') as postcode,
        max(value) filter (where attribute = 'city') as city,
        max(value) filter (where attribute = 'family_name') as family_name
    from {{ ref('golden_attributes') }}
    where attribute in ('street', 'postcode', 'city', 'family_name') and {{ only_changed('customer_id') }}
    group by customer_id

)

select
    customer_id,
    {{ household_key('street') }} || ', '
    || coalesce(
        nullif(replace({{ household_key('postcode') }}, ' ', ''), ''), {{ household_key('city') }}
    ) as place,
    nullif({{ household_key('family_name') }}, '') as family
from parts
where street ~ '[0-9]' and coalesce(postcode, city) ~ '[[:alnum:]]'
