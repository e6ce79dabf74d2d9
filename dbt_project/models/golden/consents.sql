-- Whether a customer may be contacted: the most restrictive of what the customer's records say.
-- One row per customer, channel and purpose. A merge can only narrow it: one refusal among the records is a refusal.
-- Nothing said is no permission to advertise anything, and no reason to leave a request unanswered: without a refusal
-- service is granted by default, marketing is unknown, and `basis` tells a default from what somebody stated.
{{ config(
    materialized='difference',
    key=['customer_id', 'channel', 'purpose'],
    together='customer_id',
    announces='customer_id',
    follows=['record_inputs', 'consent_statements']
) }}
with

questions as (

    select
        asked.customer_id,
        channels.channel,
        purposes.purpose
    from (
        select distinct customer_id
        from {{ ref('record_inputs') }}
        where {{ only_changed('customer_id') }}
    ) as asked
    cross join (
        values
        {%- for channel in consent_channels() %}
            ('{{ channel }}'){{ ',' if not loop.last }}
        {%- endfor %}
    ) as channels (channel)
    cross join (
        values
        {%- for purpose in consent_purposes() %}
            ('{{ purpose }}'){{ ',' if not loop.last }}
        {%- endfor %}
    ) as purposes (purpose)

),

answers as (

    select
        customer_id,
        channel,
        purpose,
        bool_or(state = 'denied') as is_denied,
        bool_or(state = 'granted') as is_granted,
        jsonb_agg(
            jsonb_build_object(
                'record_id', record_id,
                'source', source,
                'field', field,
                'stated', stated,
                'state', state,
                'observed_at', {{ iso_timestamp('observed_at') }}
            )
            order by record_id collate "C", field collate "C"
        ) as evidence
    from {{ ref('consent_statements') }}
    where {{ only_changed('customer_id') }}
    group by customer_id, channel, purpose

)

select
    questions.customer_id,
    questions.channel,
    questions.purpose,
    case
        when answers.is_denied then 'denied'
        when answers.is_granted then 'granted'
        when questions.purpose = 'service' then 'granted'
        else 'unknown'
    end as state,
    case when answers.is_denied or answers.is_granted then 'stated' else 'default' end as basis,
    coalesce(answers.evidence, cast('[]' as jsonb)) as evidence
from questions
left join answers
    on
        questions.customer_id = answers.customer_id
        and questions.channel = answers.channel
        and questions.purpose = answers.purpose
