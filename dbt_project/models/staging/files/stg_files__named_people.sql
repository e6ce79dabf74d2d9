-- Everyone whom the rows of interactions name, and what those rows tell about them. Grain: one row per record id.
{{ config(materialized='table') }}

with touches as (
    select
        interaction_id,
        record_id,
        is_device,
        occurred_at,
        full_name,
        emails,
        phones,
        handles,
        external_ids
    from {{ ref('base_files__interactions') }}
    where record_id is not null and quarantine_reason is null
),

people as (
    select
        record_id,
        bool_or(is_device) as is_device,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at
    from touches
    group by record_id
),

-- The same few identifiers come with most rows, so rows that say the same are made one before their lists are opened.
sayings as (
    select
        record_id,
        emails,
        phones,
        handles,
        external_ids,
        min(occurred_at) as first_said_at
    from touches
    where coalesce(emails, phones, handles, external_ids) is not null
    group by record_id, emails, phones, handles, external_ids
),

said as (
    select
        record_id,
        first_said_at,
        'email' as kind,
        lower(unnest(emails)) as value
    from sayings
    union all
    select
        record_id,
        first_said_at,
        'phone' as kind,
        unnest(phones) as value
    from sayings
    union all
    select
        record_id,
        first_said_at,
        'handle' as kind,
        unnest(handles) as value
    from sayings
    union all
    select
        record_id,
        first_said_at,
        'external_id' as kind,
        unnest(external_ids) as value
    from sayings
),

identifiers as (
    select
        record_id,
        kind,
        value,
        min(first_said_at) as first_said_at
    from said
    group by record_id, kind, value
),

gathered as (
    select
        record_id,
        array_agg(value order by value collate "C") filter (where kind = 'email') as emails,
        array_agg(value order by value collate "C") filter (where kind = 'phone') as phones,
        array_agg(value order by value collate "C") filter (where kind = 'handle') as handles,
        array_agg(value order by value collate "C") filter (where kind = 'external_id') as external_ids,
        max(first_said_at) as identified_at
    from identifiers
    group by record_id
),

-- A person may have two addresses and two accounts; a browser that two accounts of one system use has two users.
users_of_devices as (
    select
        identifiers.record_id,
        max(count(*)) over (partition by identifiers.record_id) as users
    from identifiers
    inner join people on identifiers.record_id = people.record_id and people.is_device
    where identifiers.kind in ('external_id', 'email')
    group by
        identifiers.record_id,
        identifiers.kind,
        case when identifiers.kind = 'external_id' then regexp_replace(identifiers.value, ':[^:]*$', '') end
),

shared_devices as (
    select distinct record_id
    from users_of_devices
    where users > 1
),

names as (
    select distinct on (record_id)
        record_id,
        full_name
    from touches
    where full_name is not null
    order by record_id asc, occurred_at desc, interaction_id desc
)

select
    people.record_id,
    split_part(people.record_id, ':', 1) as source,
    split_part(people.record_id, ':', 2) as entity,
    substring(people.record_id from '^[^:]*:[^:]*:(.*)$') as native_id,
    names.full_name,
    coalesce(gathered.emails, '{}') as emails,
    coalesce(gathered.phones, '{}') as phones,
    coalesce(gathered.handles, '{}') as handles,
    coalesce(gathered.external_ids, '{}') as external_ids,
    people.is_device,
    shared_devices.record_id is not null as is_shared,
    people.first_seen_at,
    people.last_seen_at,
    gathered.identified_at
from people
left join gathered on people.record_id = gathered.record_id
left join shared_devices on people.record_id = shared_devices.record_id
left join names on people.record_id = names.record_id
