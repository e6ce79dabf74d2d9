{#- The audiences of marketers, each a model seg_<name>; written by `braid audiences build`. -#}
{% macro audience_segments() -%}
  {{ return([]) }}
{%- endmacro %}
