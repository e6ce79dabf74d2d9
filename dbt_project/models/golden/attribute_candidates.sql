-- Every value that a source record offers for an attribute of its customer, before anything is chosen.
-- One row per record, attribute and offer (a record may offer two e-mails, but only one street).
with

records as (

    select
        record_customers.customer_id,
        identity_records.*,
        coalesce(identity_records.updated_at, identity_records.created_at) as observed_at
    from {{ ref('identity_records') }} as identity_records
    inner join {{ source('identity', 'record_customers') }} as record_customers
        on identity_records.record_id = record_customers.record_id

),

described as (

    select
        records.customer_id,
        records.record_id,
        records.source,
        records.entity,
        offered.attribute,
        '' as offer,
        btrim(offered.value) as value,
        cast(null as text) as kind,
        cast(null as text) as match_key,
        false as is_verified,
        records.created_at as first_seen_at,
        records.observed_at
    from records
    cross join
        lateral (
            values
            ('full_name', records.full_name),
            ('given_name', records.given_name),
            ('family_name', records.family_name),
            ('street', records.street),
            ('city', records.city),
            ('region', records.region),
            ('postcode', records.postcode),
            ('country', records.country),
            ('birth_date', to_char(records.birth_date, 'YYYY-MM-DD')),
            ('birth_place', records.birth_place),
            ('occupation', records.occupation),
            ('organisation', records.organisation),
            ('language', records.language)
        ) as offered (attribute, value)
    where btrim(offered.value) <> ''

),

-- Who vouches for an address or a number. A Zendesk identity also knows when the value itself was last touched.
vouched as (

    select
        record_id,
        case kind when 'phone_number' then 'phone' when 'twitter' then 'x' else kind end as kind,
        lower(btrim(value)) as raw_value,
        bool_or(is_verified) as is_verified,
        max(updated_at) as observed_at
    from {{ ref('stg_zendesk__user_identities') }}
    where value is not null
    group by record_id, kind, value

    union all

    select
        record_id,
        'email' as kind,
        lower(btrim(email)) as raw_value,
        verified_email as is_verified,
        cast(null as timestamptz) as observed_at
    from {{ ref('stg_shopify__customers') }}
    where email is not null

),

-- Only what identity accepted: a junk e-mail or an impossible number is nobody's contact point.
identified as (

    select
        records.customer_id,
        records.record_id,
        records.source,
        records.entity,
        case
            when identifiers.kind in ('instagram', 'x') then identifiers.kind || '_handle'
            else identifiers.kind
        end as attribute,
        identifiers.value as offer,
        identifiers.value,
        identifiers.kind,
        min(identifiers.match_key) as match_key,
        coalesce(bool_or(vouched.is_verified), false) as is_verified,
        records.created_at as first_seen_at,
        coalesce(max(vouched.observed_at), records.observed_at) as observed_at
    from {{ source('identity', 'identifiers') }} as identifiers
    inner join records on identifiers.record_id = records.record_id
    left join vouched
        on
            identifiers.record_id = vouched.record_id
            and identifiers.kind = vouched.kind
            and lower(btrim(identifiers.raw_value)) = vouched.raw_value
    where identifiers.is_valid and identifiers.value is not null
    group by
        records.customer_id,
        records.record_id,
        records.source,
        records.entity,
        identifiers.kind,
        identifiers.value,
        records.created_at,
        records.observed_at

)

select
    *,
    {{ comparable('value') }} as comparable
from described

union all

select
    *,
    {{ comparable('value') }} as comparable
from identified
