-- How far any two segments share their members. One row per segment and other segment, in both orders.
-- Customers who are in the same segments are counted once, as a group: there are far fewer groups than customers.
with

groups as (

    select
        segments,
        count(*) as customer_count
    from (
        select array_agg(segment order by segment) as segments
        from {{ ref('segment_memberships') }}
        group by customer_id
    ) as customers
    group by segments

),

shared as (

    select
        one.segment,
        other.segment as other_segment,
        sum(groups.customer_count) as both_count
    from groups
    cross join lateral unnest(groups.segments) as one (segment)
    cross join lateral unnest(groups.segments) as other (segment)
    group by one.segment, other.segment

)

select
    catalogue.segment,
    others.segment as other_segment,
    catalogue.size,
    others.size as other_size,
    cast(coalesce(shared.both_count, 0) as bigint) as both_count,
    cast(catalogue.size - coalesce(shared.both_count, 0) as bigint) as only_count,
    cast(others.size - coalesce(shared.both_count, 0) as bigint) as only_other_count,
    cast(
        round(
            coalesce(shared.both_count, 0)
            / nullif(catalogue.size + others.size - coalesce(shared.both_count, 0), 0),
            4
        ) as numeric(5, 4)
    ) as jaccard
from {{ ref('segment_catalogue') }} as catalogue
inner join {{ ref('segment_catalogue') }} as others
    on catalogue.segment <> others.segment
left join shared
    on catalogue.segment = shared.segment and others.segment = shared.other_segment
