-- Why a customer cannot be contacted, channel by channel. One row per customer and purpose.
-- It is the gate's answer (activation/consent) without what only the gate knows at the moment of sending: the
-- suppressions, who is held back, how surely the records are one person. A property test holds the two together.
with

stated as (

    select
        customer_id,
        purpose,
        {{ stated_by_channel() }}
    from {{ ref('consents') }}
    group by customer_id, purpose

),

refusals as (

    select
        customer_id,
        kind,
        match_key,
        refused
    from {{ ref('contact_permissions') }}
    where refused <> '{}' and match_key is not null

),

-- Whoever shares an address can refuse for it.
others as (

    select
        points.customer_id,
        points.kind,
        points.value,
        array_agg(distinct refused.question) as refused
    from refusals
    inner join {{ ref('contact_permissions') }} as points
        on
            refusals.kind = points.kind
            and refusals.match_key = points.match_key
            and refusals.customer_id <> points.customer_id
    cross join lateral unnest(refusals.refused) as refused (question)
    group by points.customer_id, points.kind, points.value

),

usable as (

    select
        points.customer_id,
        purposes.purpose,
        {{ usable_by_channel() }}
    from {{ ref('contact_permissions') }} as points
    cross join (values ('marketing'), ('service')) as purposes (purpose)
    left join others
        on points.customer_id = others.customer_id and points.kind = others.kind and points.value = others.value
    group by points.customer_id, purposes.purpose

)

select
    stated.customer_id,
    stated.purpose,
    {{ obstacle_by_channel() }}
from stated
left join usable on stated.customer_id = usable.customer_id and stated.purpose = usable.purpose
