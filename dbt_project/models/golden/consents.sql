-- Whether a customer may be contacted: the most restrictive of what the customer's records say.
-- One row per customer, channel and purpose. A merge can only narrow it: one refusal among the records is a refusal.
with

questions as (

    select distinct
        channel,
        purpose
    from {{ ref('consent_states') }}

),

customers as (

    select distinct customer_id
    from {{ source('identity', 'record_customers') }}

)

select
    customers.customer_id,
    questions.channel,
    questions.purpose,
    case
        when bool_or(statements.state = 'denied') then 'denied'
        when bool_or(statements.state = 'granted') then 'granted'
        else 'unknown'
    end as state,
    coalesce(
        jsonb_agg(
            jsonb_build_object(
                'record_id', statements.record_id,
                'source', statements.source,
                'field', statements.field,
                'stated', statements.stated,
                'state', statements.state,
                'observed_at', {{ iso_timestamp('statements.observed_at') }}
            )
            order by statements.record_id, statements.field
        ) filter (where statements.record_id is not null),
        cast('[]' as jsonb)
    ) as evidence
from customers
cross join questions
left join {{ ref('consent_statements') }} as statements
    on
        customers.customer_id = statements.customer_id
        and questions.channel = statements.channel
        and questions.purpose = statements.purpose
group by customers.customer_id, questions.channel, questions.purpose
