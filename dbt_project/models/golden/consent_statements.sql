-- What each record says about being contacted, and what that means by the seed `consent_states`, which `consent_rules`
-- has checked. One row per record, field that says it, channel and purpose.
{{ config(
    materialized='difference',
    key=['record_id', 'field', 'channel', 'purpose'],
    together='customer_id',
    announces='customer_id',
    follows=[
        'identity.record_customers', 'stg_salesforce__contacts', 'stg_salesforce__leads', 'stg_shopify__customers',
        'stg_files__people', 'stg_events__people'
    ],
    watches=['consent_rules'],
    scope='record_id',
    indexes=[{'columns': ['customer_id']}]
) }}
with

stated as (

    select
        records.record_id,
        'salesforce' as source,
        said.field,
        said.stated,
        records.updated_at as observed_at
    from (
        select
            record_id,
            email_opt_out,
            do_not_call,
            updated_at
        from {{ ref('stg_salesforce__contacts') }}
        where {{ only_changed('record_id') }}
        union all
        select
            record_id,
            email_opt_out,
            do_not_call,
            updated_at
        from {{ ref('stg_salesforce__leads') }}
        where {{ only_changed('record_id') }}
    ) as records
    cross join
        lateral (
            values
            ('email_opt_out', cast(records.email_opt_out as text)),
            ('do_not_call', cast(records.do_not_call as text))
        ) as said (field, stated)

    union all

    select
        customers.record_id,
        'shopify' as source,
        said.field,
        said.stated,
        customers.updated_at as observed_at
    from {{ ref('stg_shopify__customers') }} as customers
    cross join
        lateral (
            values
            ('email_marketing_state', upper(customers.email_marketing_state)),
            ('sms_marketing_state', upper(customers.sms_marketing_state))
        ) as said (field, stated)
    where {{ only_changed('customers.record_id') }}

    union all

    select
        people.record_id,
        'files' as source,
        said.field,
        said.stated,
        coalesce(people.updated_at, people.created_at) as observed_at
    from {{ ref('stg_files__people') }} as people
    cross join
        lateral (
            values
            ('email_marketing_consent', cast(people.email_marketing_consent as text)),
            ('sms_marketing_consent', cast(people.sms_marketing_consent as text))
        ) as said (field, stated)
    where {{ only_changed('people.record_id') }}

    union all

    select
        people.record_id,
        'events' as source,
        said.field,
        said.stated,
        coalesce(people.updated_at, people.created_at) as observed_at
    from {{ ref('stg_events__people') }} as people
    cross join
        lateral (
            values
            ('email_marketing_consent', cast(people.email_marketing_consent as text)),
            ('sms_marketing_consent', cast(people.sms_marketing_consent as text)),
            ('advertising_consent', cast(people.advertising_consent as text))
        ) as said (field, stated)
    where {{ only_changed('people.record_id') }}

),

-- A fence: the planner would look each statement's customer up by itself.
owned as materialized (

    select
        stated.*,
        record_customers.customer_id
    from stated
    inner join {{ source('identity', 'record_customers') }} as record_customers
        on stated.record_id = record_customers.record_id
    where stated.stated is not null

),

-- The channel and purpose that a field speaks of, whatever it states.
fields as (

    select distinct
        source,
        field,
        channel,
        purpose
    from {{ ref('consent_rules') }}

),

known as (

    select distinct
        source,
        field,
        stated
    from {{ ref('consent_rules') }}

),

-- Few words are said often: what each means is found once.
meanings as materialized (

    select
        words.source,
        words.field,
        words.stated,
        fields.channel,
        fields.purpose,
        -- A word that the seed does not know is read as a refusal: a vendor's new state must not widen permission.
        coalesce(consent_rules.state, 'denied') as state,
        known.stated is not null as is_known
    from (
        select distinct
            source,
            field,
            stated
        from owned
    ) as words
    inner join fields
        on words.source = fields.source and words.field = fields.field
    left join known
        on words.source = known.source and words.field = known.field and words.stated = known.stated
    left join {{ ref('consent_rules') }} as consent_rules
        on
            fields.source = consent_rules.source
            and fields.field = consent_rules.field
            and fields.channel = consent_rules.channel
            and fields.purpose = consent_rules.purpose
            and words.stated = consent_rules.stated
    -- A word that is known, but not listed for this channel and purpose, says nothing about them.
    where known.stated is null or consent_rules.state is not null

)

select
    owned.customer_id,
    owned.record_id,
    owned.source,
    owned.field,
    meanings.channel,
    meanings.purpose,
    owned.stated,
    meanings.state,
    meanings.is_known,
    owned.observed_at
from owned
inner join meanings
    on owned.source = meanings.source and owned.field = meanings.field and owned.stated = meanings.stated
