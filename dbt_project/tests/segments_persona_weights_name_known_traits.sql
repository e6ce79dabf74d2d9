-- A misspelt trait in the seed would score nothing, in silence. With no customers there are no traits to compare with.
{{ config(meta={'dagster': {'ref': {'name': 'customer_trait_vectors'}}}) }}

select distinct weights.trait
from {{ ref('persona_weights') }} as weights
where
    not exists (
        select 1
        from {{ ref('customer_trait_vectors') }} as vectors
        where weights.trait = any(vectors.traits)
    )
    and exists (select 1 from {{ ref('customers') }})
