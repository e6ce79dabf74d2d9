-- Why a customer cannot be contacted, channel by channel. One row per customer and purpose.
-- It is the gate's answer (activation/consent) without what only the gate knows at the moment of sending: the
-- suppressions, who is held back, how surely the records are one person. A property test holds the two together.
{{ config(
    materialized='difference',
    key=['customer_id', 'purpose'],
    announces='customer_id',
    follows=['consents', 'contact_permissions', 'shared_refusals']
) }}
with

stated as (

    select
        customer_id,
        purpose,
        {{ stated_by_channel() }}
    from {{ ref('consents') }}
    where {{ only_changed('customer_id') }}
    group by customer_id, purpose

),

usable as (

    select
        points.customer_id,
        purposes.purpose,
        {{ usable_by_channel() }}
    from {{ ref('contact_permissions') }} as points
    cross join (values ('marketing'), ('service')) as purposes (purpose)
    -- Whoever shares an address can refuse for it.
    left join {{ ref('shared_refusals') }} as others
        on points.customer_id = others.customer_id and points.kind = others.kind and points.value = others.value
    where {{ only_changed('points.customer_id') }}
    group by points.customer_id, purposes.purpose

)

select
    stated.customer_id,
    stated.purpose,
    {{ obstacle_by_channel() }}
from stated
left join usable on stated.customer_id = usable.customer_id and stated.purpose = usable.purpose
