-- A customer without a row for a channel would be left to whoever asks: each question has one answer, stated or not.
-- No question has two (the key says); that each customer has all is seen from sums (`weight_of`), and counted where they
-- differ.
{{ config(meta={'dagster': {'ref': {'name': 'consents'}}}) }}

{%- set questions = consent_channels() | length * consent_purposes() | length %}
{%- set too_much = "basis = 'default' and state = 'granted' and purpose <> 'service'" %}

with

sums as (

    select
        sum({{ weight_of(['customer_id']) }}) is distinct from (
            select {{ questions }} * sum({{ weight_of(['customer_id']) }}) from {{ ref('customers') }}
        )
        or coalesce(bool_or({{ too_much }}), false) as differ
    from {{ ref('consents') }}

),

answered as (

    select
        customer_id,
        count(*) as answers,
        bool_or({{ too_much }}) as assumes_too_much
    from {{ ref('consents') }}
    group by customer_id

)

select coalesce(customers.customer_id, answered.customer_id) as customer_id
from {{ ref('customers') }} as customers
full join answered on customers.customer_id = answered.customer_id
where
    (select sums.differ from sums)
    and (
        customers.customer_id is null
        or answered.answers is distinct from {{ questions }}
        or answered.assumes_too_much
    )
