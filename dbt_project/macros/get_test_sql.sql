{#-
  How dbt asks a test: as ever, but by one process. The threads of dbt are at work on every core, and to share a query out
  costs a third more than to answer it.
-#}
{% macro postgres__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    set local max_parallel_workers_per_gather = 0;
    {{ dbt.default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) }}
{%- endmacro %}
