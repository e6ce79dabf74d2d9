-- Every e-mail, phone and handle by which a customer can be reached or recognised.
-- One row per customer, kind and value. The primary one of a kind is the golden value.
with

points as (

    select
        candidates.customer_id,
        identifiers.kind,
        identifiers.value,
        min(identifiers.match_key) as match_key,
        bool_or(candidates.is_verified) as is_verified,
        array_agg(distinct candidates.record_id order by candidates.record_id) as record_ids,
        min(least(identity_records.created_at, candidates.observed_at)) as first_seen_at,
        max(candidates.observed_at) as last_seen_at
    from {{ ref('attribute_candidates') }} as candidates
    inner join {{ source('identity', 'identifiers') }} as identifiers
        on
            candidates.record_id = identifiers.record_id
            and candidates.attribute in (identifiers.kind, identifiers.kind || '_handle')
            and candidates.offer = identifiers.value
            and identifiers.is_valid
    inner join {{ ref('identity_records') }} as identity_records
        on candidates.record_id = identity_records.record_id
    group by candidates.customer_id, identifiers.kind, identifiers.value

)

select
    points.customer_id,
    points.kind,
    points.value,
    points.match_key,
    row_number() over (
        partition by points.customer_id, points.kind
        order by (golden_attributes.value is not null) desc, points.last_seen_at desc nulls last, points.value asc
    ) = 1 as is_primary,
    points.is_verified,
    points.record_ids,
    points.first_seen_at,
    points.last_seen_at
from points
left join {{ ref('golden_attributes') }} as golden_attributes
    on
        points.customer_id = golden_attributes.customer_id
        and golden_attributes.attribute in (points.kind, points.kind || '_handle')
        and points.value = golden_attributes.value
