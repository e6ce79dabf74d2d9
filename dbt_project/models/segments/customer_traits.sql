-- The traits of customers, one by one: see customer_trait_vectors. One row per customer and trait.
{{ config(materialized='view') }}
select
    vectors.customer_id,
    shown.trait,
    shown.value,
    shown.seen
from {{ ref('customer_trait_vectors') }} as vectors
cross join lateral unnest(vectors.traits, vectors.strengths, vectors.seen) as shown (trait, value, seen)
