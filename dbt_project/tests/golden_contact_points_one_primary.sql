-- A customer who can be reached by e-mail has one primary e-mail, and it is the one on the golden profile; an address
-- that reaches nobody is on no profile, and there is none without a profile.
{{ config(meta={
    'dagster': {'ref': {'name': 'contact_points'}},
    'follows': ['contact_points', 'customers']
}) }}

select
    contact_points.customer_id,
    contact_points.kind
from {{ ref('contact_points') }} as contact_points
left join {{ ref('customers') }} as customers
    on contact_points.customer_id = customers.customer_id
where {{ only_changed('contact_points.customer_id') }}
group by contact_points.customer_id, contact_points.kind
having
    count(*) filter (where contact_points.is_primary)
    <> case when bool_or(contact_points.type <> 'unreachable') then 1 else 0 end
    or bool_or(contact_points.is_primary and contact_points.type = 'unreachable')
    or bool_or(customers.customer_id is null)
    or bool_or(
        contact_points.is_primary and contact_points.value is distinct from case contact_points.kind
            when 'email' then customers.email
            when 'phone' then customers.phone
            when 'instagram' then customers.instagram_handle
            when 'x' then customers.x_handle
            else contact_points.value
        end
    )
