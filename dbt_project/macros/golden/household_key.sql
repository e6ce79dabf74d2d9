{#- A street or postcode as two people would call it the same: without case, accents, dots and doubled spaces. -#}
{% macro household_key(value) -%}
  btrim(regexp_replace({{ quick_comparable('btrim(' ~ value ~ ')') }}, '[-\s.,;:/#()_''"]+', ' ', 'g'))
{%- endmacro %}
