-- Someone who opted out in one system is contactable for marketing in none, however many records say otherwise.
{{ config(meta={
    'dagster': {'ref': {'name': 'consents'}},
    'follows': ['consent_statements', 'consents']
}) }}

select
    statements.customer_id,
    statements.channel,
    statements.purpose
from {{ ref('consent_statements') }} as statements
left join {{ ref('consents') }} as consents
    on
        statements.customer_id = consents.customer_id
        and statements.channel = consents.channel
        and statements.purpose = consents.purpose
        and consents.state = 'denied'
where
    {{ only_changed('statements.customer_id') }}
    and statements.state = 'denied'
    and consents.customer_id is null
