{#- What "now" means in this run, so that a run can be repeated: the variable `as_of`, or the start of the query. -#}
{% macro as_of() -%}
  {%- if var('as_of', none) -%}
    cast('{{ var("as_of") }}' as timestamptz)
  {%- else -%}
    current_timestamp
  {%- endif -%}
{%- endmacro %}
