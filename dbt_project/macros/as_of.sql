{#-
  What "now" means, the same in every model of one run: the variable `as_of`, so that a run can be repeated, or the
  moment at which this run of dbt started.
-#}
{% macro as_of() -%}
    cast('{{ var("as_of") or run_started_at.isoformat() }}' as timestamptz)
{%- endmacro %}
