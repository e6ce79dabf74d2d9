{#- The touchpoint that a row of base_files__interactions is. Postgres can index it, as it cannot `concat_ws`. -#}
{% macro files_interaction_id() -%}
    'files:' || source || ':' || coalesce(stream || ':', '') || interaction_id
{%- endmacro %}
