-- Every e-mail, phone and handle by which a customer can be reached or recognised.
-- One row per customer, kind and value. The primary one of a kind is the golden value.
with

points as (

    select
        customer_id,
        attribute,
        kind,
        value,
        min(match_key) as match_key,
        bool_or(is_verified) as is_verified,
        array_agg(distinct record_id order by record_id) as record_ids,
        min(least(first_seen_at, observed_at)) as first_seen_at,
        max(observed_at) as last_seen_at
    from {{ ref('attribute_candidates') }}
    where kind is not null
    group by customer_id, attribute, kind, value

)

select
    points.customer_id,
    points.kind,
    points.value,
    points.match_key,
    row_number() over (
        partition by points.customer_id, points.kind
        order by
            coalesce(points.value = golden_attributes.value, false) desc,
            points.last_seen_at desc nulls last,
            points.value asc
    ) = 1 as is_primary,
    points.is_verified,
    points.record_ids,
    points.first_seen_at,
    points.last_seen_at
from points
left join {{ ref('golden_attributes') }} as golden_attributes
    on points.customer_id = golden_attributes.customer_id and points.attribute = golden_attributes.attribute
