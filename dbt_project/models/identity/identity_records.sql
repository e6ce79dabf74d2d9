-- Everyone whom any source knows, in the columns that matching compares; standardisation is left to identity. Deleted
-- CRM records, agents and the company's own accounts are no customers and left out. Grain: one row per source record.
{{ config(materialized='difference', key=['record_id'], announces='record_id') }}

with salesforce_contacts as (
    select
        {{ identity_columns({
            'record_id': 'record_id',
            'source': "'salesforce'",
            'entity': "'contact'",
            'native_id': 'contact_id',
            'full_name': "nullif(concat_ws(' ', given_name, family_name), '')",
            'given_name': 'given_name',
            'family_name': 'family_name',
            'former_family_names': distinct_texts('array[former_family_name]'),
            'emails': distinct_texts('array[email]'),
            'phones': distinct_texts('array[phone, mobile_phone]'),
            'handles': distinct_handles("array['instagram:' || instagram_handle, 'x:' || x_handle]"),
            'external_ids': distinct_texts("array['shopify:customer:' || shopify_customer_id]"),
            'street': 'street',
            'city': 'city',
            'region': 'region',
            'postcode': 'postcode',
            'country': 'country',
            'birth_date': 'birth_date',
            'created_at': 'created_at',
            'updated_at': 'coalesce(updated_at, created_at)',
        }) }}
    from {{ ref('stg_salesforce__contacts') }}
    where not is_deleted
),

salesforce_leads as (
    select
        {{ identity_columns({
            'record_id': 'record_id',
            'source': "'salesforce'",
            'entity': "'lead'",
            'native_id': 'lead_id',
            'full_name': "nullif(concat_ws(' ', given_name, family_name), '')",
            'given_name': 'given_name',
            'family_name': 'family_name',
            'emails': distinct_texts('array[email]'),
            'phones': distinct_texts('array[phone, mobile_phone]'),
            'external_ids': distinct_texts("array['salesforce:contact:' || converted_contact_id]"),
            'street': 'street',
            'city': 'city',
            'region': 'region',
            'postcode': 'postcode',
            'country': 'country',
            'organisation': 'company',
            'created_at': 'created_at',
            'updated_at': 'coalesce(updated_at, created_at)',
        }) }}
    from {{ ref('stg_salesforce__leads') }}
    where not is_deleted
),

shopify_customers as (
    select
        {{ identity_columns({
            'record_id': 'record_id',
            'source': "'shopify'",
            'entity': "'customer'",
            'native_id': 'shopify_customer_id',
            'full_name': "nullif(concat_ws(' ', given_name, family_name), '')",
            'given_name': 'given_name',
            'family_name': 'family_name',
            'emails': distinct_texts('array[email]'),
            'phones': distinct_texts('array[phone]'),
            'street': 'street',
            'city': 'city',
            'region': 'region',
            'postcode': 'postcode',
            'country': 'country',
            'language': language_of('locale'),
            'created_at': 'created_at',
            'updated_at': 'coalesce(updated_at, created_at)',
        }) }}
    from {{ ref('stg_shopify__customers') }}
),

zendesk_identities as (
    select
        record_id,
        array_agg(value) filter (where kind = 'email') as emails,
        array_agg(value) filter (where kind = 'phone_number') as phones,
        array_agg('x:' || value) filter (where kind = 'twitter') as handles,
        max(updated_at) as updated_at
    from {{ ref('stg_zendesk__user_identities') }}
    group by record_id
),

-- A user's own updated_at is moved by our sync (decision 0003); the identities' is not.
zendesk_users as (
    select
        {{ identity_columns({
            'record_id': 'users.record_id',
            'source': "'zendesk'",
            'entity': "'user'",
            'native_id': 'users.user_id',
            'full_name': 'users.full_name',
            'emails': distinct_texts('users.email || identities.emails'),
            'phones': distinct_texts('users.phone || identities.phones'),
            'handles': distinct_handles('identities.handles'),
            'external_ids': distinct_texts('array[' ~ external_record_id('users.external_id') ~ ']'),
            'language': language_of('users.locale'),
            'created_at': 'users.created_at',
            'updated_at': 'greatest(users.created_at, identities.updated_at)',
        }) }}
    from {{ ref('stg_zendesk__users') }} as users
    left join zendesk_identities as identities on users.record_id = identities.record_id
    where users.role = 'end-user' and users.is_active
),

meta_accounts as (
    select
        {{ identity_columns({
            'record_id': 'record_id',
            'source': "'meta'",
            'entity': "platform || '_user'",
            'native_id': 'account_id',
            'full_name': 'full_name',
            'handles': distinct_handles("array[case when platform = 'instagram' then 'instagram:' || username end]"),
            'created_at': 'first_seen_at',
            'updated_at': 'last_seen_at',
        }) }}
    from {{ ref('stg_meta__accounts') }}
),

x_users as (
    select
        {{ identity_columns({
            'record_id': 'record_id',
            'source': "'x'",
            'entity': "'user'",
            'native_id': 'user_id',
            'full_name': 'full_name',
            'handles': distinct_handles("array['x:' || username]"),
            'city': "nullif(btrim(split_part(location, ',', 1)), '')",
            'created_at': 'created_at',
            'updated_at': 'created_at',
        }) }}
    from {{ ref('stg_x__users') }}
    where not {{ is_own_x_account('user_id') }}
),

-- Someone in a file of people whom interactions name too is one record, with the identifiers of both.
files_people as (
    select
        {{ identity_columns({
            'record_id': 'people.record_id',
            'source': 'people.source',
            'entity': 'people.entity',
            'native_id': 'people.native_id',
            'full_name': "coalesce(people.full_name, nullif(concat_ws(' ', people.given_name, people.family_name), ''), "
                ~ "named.full_name)",
            'given_name': 'people.given_name',
            'family_name': 'people.family_name',
            'former_family_names': distinct_texts('people.former_family_names'),
            'emails': distinct_texts('people.emails || named.emails'),
            'phones': distinct_texts('people.phones || named.phones'),
            'handles': distinct_handles('people.handles || named.handles'),
            'external_ids': distinct_texts('people.external_ids || named.external_ids'),
            'street': 'people.street',
            'city': 'people.city',
            'region': 'people.region',
            'postcode': 'people.postcode',
            'country': 'people.country',
            'birth_date': 'people.birth_date',
            'birth_place': 'people.birth_place',
            'occupation': 'people.occupation',
            'organisation': 'people.organisation',
            'language': 'people.language',
            'created_at': 'people.created_at',
            'updated_at': 'greatest(coalesce(people.updated_at, people.created_at), named.identified_at)',
        }) }}
    from {{ ref('stg_files__people') }} as people
    left join {{ ref('stg_files__named_people') }} as named
        on people.record_id = named.record_id and not named.is_shared
),

-- Users and browsers that said who they are (docs/events.md). A browser that two users share stays nobody.
events_people as (
    select
        {{ identity_columns({
            'record_id': 'record_id',
            'source': 'source',
            'entity': 'entity',
            'native_id': 'native_id',
            'full_name': "coalesce(full_name, nullif(concat_ws(' ', given_name, family_name), ''))",
            'given_name': 'given_name',
            'family_name': 'family_name',
            'emails': distinct_texts('emails'),
            'phones': distinct_texts('phones'),
            'external_ids': distinct_texts('external_ids'),
            'street': 'street',
            'city': 'city',
            'region': 'region',
            'postcode': 'postcode',
            'country': 'country',
            'birth_date': 'birth_date',
            'occupation': 'occupation',
            'organisation': 'organisation',
            'language': 'language',
            'created_at': 'created_at',
            'updated_at': 'coalesce(updated_at, created_at)',
        }) }}
    from {{ ref('stg_events__people') }}
    where not is_shared
),

-- Whoever only interactions name is a customer as soon as one of them says who it is: until then it is a web client, a
-- profile or a number of nobody. A device that several people use stays nobody.
named_people as (
    select
        {{ identity_columns({
            'record_id': 'record_id',
            'source': 'source',
            'entity': 'entity',
            'native_id': 'native_id',
            'full_name': 'full_name',
            'emails': 'emails',
            'phones': 'phones',
            'handles': distinct_handles('handles'),
            'external_ids': 'external_ids',
            'created_at': 'first_seen_at',
            'updated_at': 'identified_at',
        }) }}
    from {{ ref('stg_files__named_people') }}
    where identified_at is not null and not is_shared
),

known as (
    select * from salesforce_contacts
    union all
    select * from salesforce_leads
    union all
    select * from shopify_customers
    union all
    select * from zendesk_users
    union all
    select * from meta_accounts
    union all
    select * from x_users
    union all
    select * from files_people
    union all
    select * from events_people
),

-- The order that somebody wrote of is told by who bought it.
mentions as (
    select
        record_id,
        array_agg(distinct mention order by mention) as mentions
    from (
        select
            record_id,
            (
                kind || '=' || case kind when 'order' then owner_record_id else value end
            ) collate "C" as mention
        from {{ ref('written_identifiers') }}
        where kind <> 'order' or owner_record_id <> record_id
    ) as written
    group by record_id
),

-- What a source says of its own records counts; interactions that point at one of them add no second record.
everyone as (
    select * from known
    union all
    select named_people.*
    from named_people
    left join known on named_people.record_id = known.record_id
    where known.record_id is null
)

select
    everyone.record_id,
    everyone.source,
    everyone.entity,
    everyone.native_id,
    everyone.full_name,
    everyone.given_name,
    everyone.family_name,
    everyone.former_family_names,
    everyone.emails,
    everyone.phones,
    everyone.handles,
    everyone.external_ids,
    coalesce(mentions.mentions, cast('{}' as text[])) as mentions,
    everyone.street,
    everyone.city,
    everyone.region,
    everyone.postcode,
    coalesce(country_names.country, everyone.country) as country,
    everyone.birth_date,
    everyone.birth_place,
    everyone.occupation,
    everyone.organisation,
    everyone.language,
    everyone.created_at,
    everyone.updated_at
from everyone
left join mentions on everyone.record_id = mentions.record_id
left join {{ ref('country_names') }} as country_names on lower(everyone.country) = country_names.name
