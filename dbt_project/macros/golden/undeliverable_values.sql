{#-
  What a source says that it cannot, or must not, deliver to, in the form in which identity's identifiers have it: kind,
  value, reason. It holds for whoever has the value.
-#}
{% macro undeliverable_values() -%}
    {%- set value -%}
        case when identified.is_valid then coalesce(identified.value, identified.raw_value) else identified.raw_value end
    {%- endset %}
    select
        identified.kind,
        {{ value }} as value,
        min(undelivered.reason) as reason
    from (
        select
            customers.record_id,
            states.kind,
            lower(btrim(said.value)) as raw_value,
            states.reason
        from {{ ref('stg_shopify__customers') }} as customers
        cross join
            lateral (
                values
                ('email_marketing_state', upper(customers.email_marketing_state), customers.email),
                ('sms_marketing_state', upper(customers.sms_marketing_state), customers.phone)
            ) as said (field, stated, value)
        inner join {{ ref('unreachable_states') }} as states
            on states.source = 'shopify' and said.field = states.field and said.stated = states.stated
    ) as undelivered
    inner join {{ source('identity', 'identifiers') }} as identified
        on
            undelivered.record_id = identified.record_id
            and undelivered.kind = identified.kind
            and undelivered.raw_value = ltrim(lower(btrim(identified.raw_value)), '@')
    group by identified.kind, {{ value }}
{%- endmacro %}
