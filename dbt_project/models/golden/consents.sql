-- Whether a customer may be contacted: the most restrictive of what the customer's records say.
-- One row per customer, channel and purpose. A merge can only narrow it: one refusal among the records is a refusal.
with

questions as (

    select distinct
        channel,
        purpose
    from {{ ref('consent_states') }}

),

-- What was said, and for every customer each question with nothing said, so that silence has a row too.
answers as (

    select
        customer_id,
        channel,
        purpose,
        record_id,
        source,
        field,
        stated,
        state,
        observed_at
    from {{ ref('consent_statements') }}

    union all

    select
        customers.customer_id,
        questions.channel,
        questions.purpose,
        null as record_id,
        null as source,
        null as field,
        null as stated,
        null as state,
        null as observed_at
    from (
        select distinct customer_id
        from {{ source('identity', 'record_customers') }}
    ) as customers
    cross join questions

)

select
    customer_id,
    channel,
    purpose,
    case
        when bool_or(state = 'denied') then 'denied'
        when bool_or(state = 'granted') then 'granted'
        else 'unknown'
    end as state,
    coalesce(
        jsonb_agg(
            jsonb_build_object(
                'record_id', record_id,
                'source', source,
                'field', field,
                'stated', stated,
                'state', state,
                'observed_at', {{ iso_timestamp('observed_at') }}
            )
            order by record_id, field
        ) filter (where record_id is not null),
        cast('[]' as jsonb)
    ) as evidence
from answers
group by customer_id, channel, purpose
