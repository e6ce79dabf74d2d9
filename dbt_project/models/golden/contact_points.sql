-- Every e-mail, phone and handle of a customer, what it is good for, and whether anybody vouches for it.
-- One row per customer, kind and value. The primary one of a kind is the golden value; an unreachable one never is.
{{ config(
    materialized='difference',
    key=['customer_id', 'kind', 'value'],
    together='customer_id',
    announces='customer_id',
    follows=['record_identifiers', 'golden_attributes']
) }}
with

points as (

    select
        customer_id,
        kind,
        value,
        min(match_key) as match_key,
        -- Type and reason are those of the value, the same for every record, but where only some of them rejected it.
        min(type) filter (where type <> 'unreachable') as reachable_type,
        min(unreachable_reason) as unreachable_reason,
        bool_or(is_verified) as is_verified,
        array_agg(record_id order by record_id collate "C") as record_ids,
        min(least(first_seen_at, observed_at)) as first_seen_at,
        max(observed_at) as last_seen_at
    from {{ ref('record_identifiers') }}
    where {{ only_changed('customer_id') }}
    group by customer_id, kind, value

),

golden as (

    select
        customer_id,
        case
            when attribute in ('email', 'phone') then attribute else left(attribute, -length('_handle'))
        end as kind,
        value
    from {{ ref('golden_attributes') }}
    where
        (attribute in ('email', 'phone') or right(attribute, length('_handle')) = '_handle')
        and {{ only_changed('customer_id') }}

)

select
    points.customer_id,
    points.kind,
    points.value,
    points.match_key,
    coalesce(points.reachable_type, 'unreachable') as type,
    case when points.reachable_type is null then points.unreachable_reason end as unreachable_reason,
    golden.value is not null as is_primary,
    points.is_verified,
    points.record_ids,
    points.first_seen_at,
    points.last_seen_at
from points
left join golden
    on points.customer_id = golden.customer_id and points.kind = golden.kind and points.value = golden.value
