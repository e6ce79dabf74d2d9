-- A customer without a row for a channel would be left to whoever asks: each question has one answer, stated or not.
-- No question has two (the key says); that each customer has all is seen from sums (`weight_of`), and counted where
-- they differ.
{{ config(meta={
    'dagster': {'ref': {'name': 'consents'}},
    'follows': ['consents', 'customers']
}) }}

{%- set questions = consent_channels() | length * consent_purposes() | length %}
{%- set too_much = "basis = 'default' and state = 'granted' and purpose <> 'service'" %}

with

asked as (

    select customer_id
    from {{ ref('customers') }}
    where {{ only_changed('customer_id') }}

),

sums as (

    select
        coalesce(sum({{ weight_of(['customer_id']) }}), 0) as of_answers,
        (
            select {{ questions }} * coalesce(sum({{ weight_of(['customer_id']) }}), 0)
            from asked
        ) as of_questions,
        count(*) filter (where {{ too_much }}) as too_many
    from {{ ref('consents') }}
    where {{ only_changed('customer_id') }}

),

answered as (

    select
        customer_id,
        count(*) as answers,
        bool_or({{ too_much }}) as assumes_too_much
    from {{ ref('consents') }}
    where {{ only_changed('customer_id') }}
    group by customer_id

)

select coalesce(asked.customer_id, answered.customer_id) as customer_id
from asked
full join answered on asked.customer_id = answered.customer_id
where
    (select sums.of_answers <> sums.of_questions or sums.too_many > 0 from sums)
    and (
        asked.customer_id is null
        or answered.answers is distinct from {{ questions }}
        or answered.assumes_too_much
    )
