-- Every raw row that has no place in staging (scope `record`), and every optional value of a fit row that staging had
-- to leave out (scope `value`), with the reason and the vendor's object. A line of an order counts as a value of its
-- order. Grain: one row per unfit raw row, and one per unfit value of a fit row.
{{ config(materialized='table') }}

with bases as (
    {% call(source_name, stream) each_stream() %}
    select
        '{{ source_name }}' as source,
        '{{ stream }}' as stream,
        record_key,
        quarantine_reason,
        quarantine_field,
        value_problems,
        quarantined_payload
    from {{ ref('base_' ~ source_name ~ '__' ~ stream) }}
    where quarantined_payload is not null or quarantine_reason is not null
    {% endcall %}
),

order_lines as (
    select
        split_part(lines.record_key, '/', 1) as record_key,
        'line_items[' || split_part(lines.record_key, '/', 3) || ']' as field,
        coalesce(
            lines.quarantine_reason,
            (
                select string_agg(problem.value, '; ' order by problem.key)
                from jsonb_each_text(lines.value_problems) as problem
            )
        ) as reason,
        lines.quarantined_payload as payload
    from {{ ref('base_shopify__order_lines') }} as lines
    where lines.quarantine_reason is not null or lines.value_problems is not null
),

products as (
    select
        split_part(listed.record_key, '/products/', 1) as record_key,
        'products[' || split_part(listed.record_key, '/products/', 2) || ']' as field,
        coalesce(
            listed.quarantine_reason,
            (
                select string_agg(problem.value, '; ' order by problem.key)
                from jsonb_each_text(listed.value_problems) as problem
            )
        ) as reason,
        listed.quarantined_payload as payload
    from {{ ref('base_events__products') }} as listed
    where listed.quarantine_reason is not null or listed.value_problems is not null
)

select
    source,
    stream,
    record_key,
    'record' as scope,
    quarantine_field as field,
    quarantine_reason as reason,
    quarantined_payload as payload
from bases
where quarantine_reason is not null

union all

select
    bases.source,
    bases.stream,
    bases.record_key,
    'value' as scope,
    problem.key as field,
    problem.value as reason,
    bases.quarantined_payload as payload
from bases
cross join lateral jsonb_each_text(bases.value_problems) as problem
where bases.quarantine_reason is null

union all

select
    'shopify' as source,
    'orders' as stream,
    record_key,
    'value' as scope,
    field,
    reason,
    payload
from order_lines

union all

select
    'events' as source,
    'interactions' as stream,
    record_key,
    'value' as scope,
    field,
    reason,
    payload
from products
