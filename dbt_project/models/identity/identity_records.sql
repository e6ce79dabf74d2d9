-- Everyone whom any source knows, in the columns that matching compares; standardisation is left to identity. Deleted
-- CRM records, agents and the company's own accounts are no customers and left out. Grain: one row per source record.
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

files_people as (
    select
        {{ identity_columns({
            'record_id': 'record_id',
            'source': 'source',
            'entity': 'entity',
            'native_id': 'native_id',
            'full_name': "coalesce(full_name, nullif(concat_ws(' ', given_name, family_name), ''))",
            'given_name': 'given_name',
            'family_name': 'family_name',
            'former_family_names': distinct_texts('former_family_names'),
            'emails': distinct_texts('emails'),
            'phones': distinct_texts('phones'),
            'handles': distinct_handles('handles'),
            'external_ids': distinct_texts('external_ids'),
            'street': 'street',
            'city': 'city',
            'region': 'region',
            'postcode': 'postcode',
            'country': 'country',
            'birth_date': 'birth_date',
            'birth_place': 'birth_place',
            'occupation': 'occupation',
            'organisation': 'organisation',
            'language': 'language',
            'created_at': 'created_at',
            'updated_at': 'coalesce(updated_at, created_at)',
        }) }}
    from {{ ref('stg_files__people') }}
),

everyone as (
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
left join {{ ref('country_names') }} as country_names on lower(everyone.country) = country_names.name
