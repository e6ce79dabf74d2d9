-- No address may be used for what the customer did not grant: consent is the widest that any of the addresses can be.
{{ config(meta={
    'dagster': {'ref': {'name': 'contact_permissions'}},
    'follows': ['contact_permissions', 'consents']
}) }}

select
    permissions.customer_id,
    permissions.kind,
    permissions.value,
    asked.question
from {{ ref('contact_permissions') }} as permissions
cross join lateral unnest(permissions.granted) as asked (question)
left join {{ ref('consents') }} as consents
    on
        permissions.customer_id = consents.customer_id
        and asked.question = consents.channel || ':' || consents.purpose
        and consents.state = 'granted'
where
    {{ only_changed('permissions.customer_id') }}
    and (consents.customer_id is null or permissions.type = 'unreachable')
