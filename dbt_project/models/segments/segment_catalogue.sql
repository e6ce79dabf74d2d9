-- Every segment in a marketer's words, from the meta of its model, with its rule and its size. One row per segment.
with

catalogue as (
    {{ segment_catalogue() | indent(4) }}
),

sizes as (

    select
        segment,
        count(*) as size
    from {{ ref('segment_memberships') }}
    group by segment

)

select
    catalogue.segment,
    catalogue.label,
    catalogue.description,
    catalogue.owner,
    catalogue.purpose,
    catalogue.destinations,
    catalogue.minimum_link_strength,
    catalogue.holds_back,
    catalogue.rule,
    catalogue.digest,
    coalesce(sizes.size, 0) as size
from catalogue
left join sizes on catalogue.segment = sizes.segment
