-- A misspelt trait in the seed would score nothing, in silence. With no customers there are no traits to compare with.
{{ config(meta={'dagster': {'ref': {'name': 'customer_traits'}}}) }}

select distinct weights.trait
from {{ ref('persona_weights') }} as weights
left join {{ ref('customer_traits') }} as traits
    on weights.trait = traits.trait
where traits.trait is null and exists (select 1 from {{ ref('customers') }})
