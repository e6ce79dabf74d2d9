{#-
  When the youngest row of a raw table was loaded, for `dbt source freshness`: dlt's load id is the second in which its
  load began. A source that is not configured has no table, and one that never sent a row has an empty one: there is
  nothing that could be stale, so both are as fresh as can be.
-#}
{% macro last_load(raw_table) -%}
    {%- if not raw_table_is_there(raw_table) -%}
        select {{ current_timestamp() }}
    {%- else -%}
        select coalesce(to_timestamp(max(cast(_dlt_load_id as double precision))), {{ current_timestamp() }})
        from {{ raw_table }}
    {%- endif -%}
{%- endmacro %}
