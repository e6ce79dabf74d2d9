-- A customer without a row for a channel would be left to whoever asks: each question has one answer, stated or not.
-- No question has two (the key says); that each customer has all is seen from sums (`weight_of`), and counted where
-- they differ.
{{ config(meta={'dagster': {'ref': {'name': 'consents'}}}) }}

{%- set questions = consent_channels() | length * consent_purposes() | length %}
{%- set too_much = "basis = 'default' and state = 'granted' and purpose <> 'service'" %}

with

sums as (

    select
        coalesce(sum({{ weight_of(['customer_id']) }}), 0) as of_answers,
        (
            select {{ questions }} * coalesce(sum({{ weight_of(['customer_id']) }}), 0)
            from {{ ref('customers') }}
        ) as of_questions,
        count(*) filter (where {{ too_much }}) as too_many
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
    (select sums.of_answers <> sums.of_questions or sums.too_many > 0 from sums)
    and (
        customers.customer_id is null
        or answered.answers is distinct from {{ questions }}
        or answered.assumes_too_much
    )
