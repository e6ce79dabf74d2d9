-- What others refuse on an address that they share with a customer. One row per customer and address of theirs.
-- Computed whole, so that `contact_obstacles` can follow who changed: when somebody takes a refusal back, or gives the
-- address up, it is the others' rows that differ.
{{ config(materialized='difference', key=['customer_id', 'kind', 'value'], announces='customer_id') }}
with

-- Few of the addresses: a refusal holds on each address of whoever refuses.
refusals as (

    select
        customer_id,
        kind,
        match_key,
        refused
    from {{ ref('contact_permissions') }}
    where refused <> '{}' and match_key is not null

)

select
    points.customer_id,
    points.kind,
    points.value,
    array_agg(distinct refused.question order by refused.question) as refused
from refusals
inner join {{ ref('contact_permissions') }} as points
    on
        refusals.kind = points.kind
        and refusals.match_key = points.match_key
        and refusals.customer_id <> points.customer_id
cross join lateral unnest(refusals.refused) as refused (question)
group by points.customer_id, points.kind, points.value
