-- Every e-mail, phone and handle of a record, and whether anybody can be reached by it.
-- One row per record, kind and value. Whose it is, and whether it can be used, is said of the value: an address that
-- the shop cannot deliver to is none in the help desk either.
{{ config(
    materialized='difference',
    key=['record_id', 'kind', 'value'],
    together='customer_id',
    announces=['customer_id', 'record_id'],
    follows=[
        'identity.identifiers', 'identity.shared_identifiers', 'record_inputs', 'stg_zendesk__user_identities',
        'stg_shopify__customers'
    ],
    watches=['unreachable_states'],
    scope='record_id',
    indexes=[{'columns': ['customer_id']}]
) }}

{#- What is shared, and by whom, is said of a value. -#}
{% call also_changed() %}
    select record_id
    from {{ source('identity', 'identifiers') }}
    where {{ any_named('shared:') }} and md5(kind || ':' || match_key) in {{ changed_named('shared:') }}
{% endcall %}
{#- A value that cannot be delivered to, or could not be: whoever has it. -#}
{% call also_changed() %}
    with undeliverable as materialized ({{ undeliverable_values() }})

    select stored.record_id
    from {{ this }} as stored
    left join undeliverable on stored.kind = undeliverable.kind and stored.value = undeliverable.value
    where
        stored.unreachable_reason is distinct from undeliverable.reason
        and (
            undeliverable.reason is not null
            or stored.unreachable_reason in (select reason from {{ ref('unreachable_states') }})
        )
{% endcall %}

with

-- Who vouches for an address or a number. A Zendesk identity also knows when the value itself was last touched.
vouched as (

    select
        record_id,
        case kind when 'phone_number' then 'phone' when 'twitter' then 'x' else kind end as kind,
        ltrim(lower(btrim(value)), '@') as raw_value,
        is_verified,
        updated_at as observed_at
    from {{ ref('stg_zendesk__user_identities') }}
    where value is not null and {{ only_changed('record_id') }}

    union all

    select
        record_id,
        'email' as kind,
        lower(btrim(email)) as raw_value,
        verified_email as is_verified,
        cast(null as timestamptz) as observed_at
    from {{ ref('stg_shopify__customers') }}
    where email is not null and {{ only_changed('record_id') }}

),

identified as {{ put_aside() }} (

    select
        record_id,
        kind,
        ltrim(lower(btrim(raw_value)), '@') as raw_value,
        case when is_valid then coalesce(value, raw_value) else raw_value end as value,
        case when is_valid and value is not null then match_key end as match_key,
        case when is_valid and value is not null then null else coalesce(rejection_reason, 'rejected') end as rejection
    from {{ source('identity', 'identifiers') }}
    where {{ only_changed('record_id') }}

),

-- A fence: these are few, and all identifiers are joined to them.
undeliverable as materialized (

    {{ undeliverable_values() }}

),

-- A record may write one number in two ways.
gathered as (

    select
        identified.record_id,
        identified.kind,
        identified.value,
        min(identified.match_key) as match_key,
        case when bool_and(identified.rejection is not null) then min(identified.rejection) end as rejection,
        coalesce(bool_or(vouched.is_verified), false) as is_verified,
        max(vouched.observed_at) as observed_at
    from identified
    left join vouched
        on
            identified.record_id = vouched.record_id
            and identified.kind = vouched.kind
            and identified.raw_value = vouched.raw_value
    group by identified.record_id, identified.kind, identified.value

)

select
    gathered.record_id,
    records.customer_id,
    gathered.kind,
    gathered.value,
    gathered.match_key,
    case
        when coalesce(gathered.rejection, undeliverable.reason) is not null then 'unreachable'
        when shared.class in ('junk', 'recycled') then 'unreachable'
        when shared.class in ('business', 'household') then shared.class
        else 'personal'
    end as type,
    case
        when gathered.rejection is not null then gathered.rejection
        when undeliverable.reason is not null then undeliverable.reason
        when shared.class = 'junk' then 'stands in many records for nobody'
        when shared.class = 'recycled' then 'has passed from one person to another'
    end as unreachable_reason,
    gathered.is_verified,
    records.first_seen_at,
    coalesce(gathered.observed_at, records.observed_at) as observed_at
from gathered
inner join {{ ref('record_inputs') }} as records on gathered.record_id = records.record_id
left join {{ source('identity', 'shared_identifiers') }} as shared
    on gathered.kind = shared.kind and gathered.match_key = shared.value
left join undeliverable on gathered.kind = undeliverable.kind and gathered.value = undeliverable.value
