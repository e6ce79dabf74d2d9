-- How many rows each stream brought, and where they went; raw rows are counted in raw itself.
-- Grain: one row per source and stream.
{{ config(materialized='table') }}

with raw_rows as (
    {% call(source_name, stream) each_stream() %}
    select
        '{{ source_name }}' as source,
        '{{ stream }}' as stream,
        count(*) as raw_rows
    from ({{ raw_stream(source_name, stream) }}) as raw
    {% endcall %}
),

staged_rows as (
    {% call(source_name, stream) each_stream() %}
    select
        '{{ source_name }}' as source,
        '{{ stream }}' as stream,
        count(*) as staged_rows
    from {{ ref('stg_' ~ source_name ~ '__' ~ stream) }}
    {% endcall %}
),

quarantined_rows as (
    select
        source,
        stream,
        count(*) as quarantined_rows
    from {{ ref('quarantine') }}
    where scope = 'record'
    group by source, stream
)

select
    raw_rows.source,
    raw_rows.stream,
    raw_rows.raw_rows,
    staged_rows.staged_rows,
    coalesce(quarantined_rows.quarantined_rows, 0) as quarantined_rows
from raw_rows
inner join staged_rows on raw_rows.source = staged_rows.source and raw_rows.stream = staged_rows.stream
left join quarantined_rows on raw_rows.source = quarantined_rows.source and raw_rows.stream = quarantined_rows.stream
