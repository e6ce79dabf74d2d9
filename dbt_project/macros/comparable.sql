{#- A value as two people would call it the same: without case, accents and doubled spaces, in any script. -#}
{% macro comparable(value) -%}
  lower(regexp_replace(
    btrim(regexp_replace(normalize({{ value }}, NFKD), '\s+', ' ', 'g')), '[\u0300-\u036f]', '', 'g'
  ))
{%- endmacro %}
