{#- A moment as ISO 8601 text in UTC: inside jsonb the session's time zone would otherwise change the value. -#}
{% macro iso_timestamp(moment) -%}
  to_char({{ moment }} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
{%- endmacro %}
