-- Browsers and apps (anonymous ids), and the users who identified on them. A device of two users is nobody's. A user id
-- that an alias made another one's is that other one's here. Grain: one row per anonymous id.
{{ config(materialized='table') }}

with seen as (
    select
        anonymous_id,
        user_id,
        email,
        occurred_at
    from {{ ref('stg_events__identities') }}
    where anonymous_id is not null
    union all
    select
        anonymous_id,
        {{ events_usable_id('user_id') }} as user_id,
        cast(null as text) as email,
        occurred_at
    from {{ ref('base_events__interactions') }}
    where quarantine_reason is null and {{ events_usable_id('anonymous_id') }} is not null
),

-- What a device was called in an alias tells its user.
aliased as (
    select
        aliases.previous_id as anonymous_id,
        aliases.user_id,
        cast(null as text) as email,
        aliases.said_at as occurred_at
    from {{ ref('stg_events__aliases') }} as aliases
    where aliases.previous_id in (select seen.anonymous_id from seen)
),

together as (
    select * from seen
    union all
    select * from aliased
),

-- An id may have been renamed twice: once more than that nobody does.
used as (
    select
        together.anonymous_id,
        coalesce(twice.user_id, once.user_id, together.user_id) as user_id,
        lower(btrim(together.email)) as email,
        together.occurred_at
    from together
    left join {{ ref('stg_events__aliases') }} as once on together.user_id = once.previous_id
    left join {{ ref('stg_events__aliases') }} as twice on once.user_id = twice.previous_id
)

select
    anonymous_id,
    'events:anonymous:' || anonymous_id as record_id,
    array_agg(distinct user_id order by user_id) filter (where user_id is not null) as user_ids,
    count(distinct user_id) > 1 or count(distinct email) > 1 as is_shared,
    min(occurred_at) as first_seen_at,
    min(occurred_at) filter (where user_id is not null) as first_used_at
from used
group by anonymous_id
