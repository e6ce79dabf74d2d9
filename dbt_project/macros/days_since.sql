{#- Whole days between a moment and "now". -#}
{% macro days_since(moment) -%}
    cast(floor(extract(epoch from {{ as_of() }} - {{ moment }}) / 86400) as integer)
{%- endmacro %}
