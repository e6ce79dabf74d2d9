{#-
  The rows of one raw stream, or none when its source is not configured and so has no table (a unit test has none
  either, but a CTE in its place).
  `source()` is called either way, so the lineage is the same on every machine.
-#}
{% macro raw_stream(source_name, stream) -%}
    {%- set relation = source('raw_' ~ source_name, stream) -%}
    {%- if not execute or relation.is_cte or raw_table_is_there(relation) -%}
        select
            record_key,
            native_id,
            cursor_value,
            payload #> '{}' as payload,  -- unpacked once, not at every field that is read
            ingest_error
        from {{ relation }}
    {%- else -%}
        select
            cast(null as text) as record_key,
            cast(null as text) as native_id,
            cast(null as text) as cursor_value,
            cast(null as jsonb) as payload,
            cast(null as text) as ingest_error
        where false
    {%- endif -%}
{%- endmacro %}
