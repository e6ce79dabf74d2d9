{#-
  The schema is the room's own word (staging, identity, golden, marts, segments), with no prefix of the target. The
  variable `schema_prefix` puts a whole build beside the live one, as `braid segments backtest` does.
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ var('schema_prefix', '') ~ ((custom_schema_name or target.schema) | trim) }}
{%- endmacro %}
