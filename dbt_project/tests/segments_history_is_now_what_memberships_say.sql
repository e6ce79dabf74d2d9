-- The history ends where the memberships are: whoever is in has not left, whoever has not left is in. Not so after a
-- run for a moment of the past, which leaves the history as it is. Both are brought side by side only where their sums
-- differ (`weight_of`).
{{ config(meta={'dagster': {'ref': {'name': 'segment_membership_history'}}}) }}

with

going_on as (

    select
        segment,
        customer_id
    from {{ ref('segment_membership_history') }}
    where left_at is null

),

sums as (

    select
        (select coalesce(sum({{ weight_of(['segment', 'customer_id']) }}), 0) from going_on) as of_history,
        (
            select coalesce(sum({{ weight_of(['segment', 'customer_id']) }}), 0)
            from {{ ref('segment_memberships') }}
        ) as of_memberships

)

select
    coalesce(going_on.segment, memberships.segment) as segment,
    coalesce(going_on.customer_id, memberships.customer_id) as customer_id
from going_on
full outer join {{ ref('segment_memberships') }} as memberships
    on going_on.segment = memberships.segment and going_on.customer_id = memberships.customer_id
where
    (select sums.of_history <> sums.of_memberships from sums)
    and (going_on.customer_id is null or memberships.customer_id is null)
    and {{ as_of() }} >= (
        select coalesce(max(greatest(past.entered_at, past.left_at)), '-infinity')
        from {{ ref('segment_membership_history') }} as past
    )
