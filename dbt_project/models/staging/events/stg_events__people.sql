-- Everyone whom events know: users, and devices whose person said who they are. What an identify call leaves out stands
-- as it was said before. Grain: one row per record id.
{{ config(materialized='difference', key=['record_id'], announces='record_id') }}
{%- set traits = [
    'full_name', 'given_name', 'family_name', 'email', 'phone', 'street', 'city', 'region', 'postcode', 'country',
    'birth_date', 'occupation', 'organisation', 'language', 'email_marketing_consent', 'sms_marketing_consent',
    'advertising_consent',
] %}
{%- set other = var('events_user_id_of') %}
{%- set other_id = "array['" ~ other ~ ":' || users.user_id]" if other else "cast('{}' as text [])" %}

with named as (
    select
        *,
        coalesce('events:user:' || user_id, 'events:anonymous:' || anonymous_id) as record_id
    from {{ ref('stg_events__identities') }}
    where coalesce(user_id, anonymous_id) is not null
),

told as (
    select
        *,
        md5(to_jsonb(array[
            full_name, given_name, family_name, email, phone, street, city, region, postcode, country,
            cast(birth_date as text), occupation, organisation, language, cast(email_marketing_consent as text),
            cast(sms_marketing_consent as text), cast(advertising_consent as text)
        ]) #>> '{}') as digest
    from named
    where type = 'identify'
),

-- Who logs in again and says the same has not changed.
changes as (
    select
        *,
        lag(digest) over (partition by record_id order by occurred_at, record_key) as digest_before
    from told
),

traits as (
    select
        record_id,
        min(occurred_at) as first_told_at,
        max(occurred_at) filter (where digest is distinct from digest_before) as changed_at,
        min(created_at) as created_at,
        {{ events_latest(traits) }}
    from changes
    group by record_id
),

-- The company that a person was last put into, by its name.
companies as (
    select distinct on (record_id)
        record_id,
        full_name as organisation
    from named
    where type = 'group' and full_name is not null
    order by record_id asc, occurred_at desc, record_key desc
),

-- Whoever did something under a user id is a person, though nothing else is known of them.
users as (
    select
        user_id,
        min(occurred_at) as first_seen_at
    from (
        select
            user_id,
            occurred_at
        from named
        where user_id is not null
        union all
        select
            {{ events_usable_id('user_id') }} as user_id,
            occurred_at
        from {{ ref('base_events__interactions') }}
        where quarantine_reason is null and {{ events_usable_id('user_id') }} is not null
        union all
        select
            previous_id as user_id,
            said_at as occurred_at
        from {{ ref('stg_events__aliases') }}
        where previous_id in (select earlier.user_id from named as earlier)
    ) as seen
    group by user_id
),

former_ids as (
    select
        aliases.user_id,
        array_agg('events:user:' || aliases.previous_id order by aliases.previous_id) as record_ids,
        max(aliases.said_at) as said_at
    from {{ ref('stg_events__aliases') }} as aliases
    inner join users on aliases.previous_id = users.user_id
    group by aliases.user_id
),

everyone as (
    select
        'events:user:' || users.user_id as record_id,
        'user' as entity,
        users.user_id as native_id,
        users.first_seen_at,
        former_ids.said_at as linked_at,
        former_ids.record_ids || {{ other_id }} as external_ids,
        substring(users.user_id from '^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+$') as email_of_id,
        false as is_shared
    from users
    left join former_ids on users.user_id = former_ids.user_id
    union all
    select
        record_id,
        'anonymous' as entity,
        anonymous_id as native_id,
        first_seen_at,
        first_used_at as linked_at,
        array(select 'events:user:' || used.user_id from unnest(user_ids) as used (user_id)) as external_ids,
        cast(null as text) as email_of_id,
        is_shared
    from {{ ref('stg_events__devices') }}
)

select
    everyone.record_id,
    'events' as source,
    everyone.entity,
    everyone.native_id,
    everyone.is_shared,
    traits.full_name,
    traits.given_name,
    traits.family_name,
    array_remove(array[traits.email, everyone.email_of_id], null) as emails,
    array_remove(array[traits.phone], null) as phones,
    coalesce(everyone.external_ids, '{}') as external_ids,
    traits.street,
    traits.city,
    traits.region,
    traits.postcode,
    traits.country,
    traits.birth_date,
    traits.occupation,
    coalesce(companies.organisation, traits.organisation) as organisation,
    traits.language,
    traits.email_marketing_consent,
    traits.sms_marketing_consent,
    traits.advertising_consent,
    least(everyone.first_seen_at, traits.created_at) as created_at,
    greatest(traits.changed_at, everyone.linked_at) as updated_at
from everyone
left join traits on everyone.record_id = traits.record_id
left join companies on everyone.record_id = companies.record_id
where
    everyone.entity = 'user'
    or everyone.external_ids <> '{}'
    or coalesce(traits.email, traits.phone, traits.full_name, traits.given_name, traits.family_name) is not null
