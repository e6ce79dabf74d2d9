{#-
  Whether a raw table exists, asked of the database itself. dbt's own `load_relation` answers from a cache that it fills
  table by table while other threads already read it: of two models of one source that begin together, the second may be
  told that its table is not there, and would stage no row of it.
-#}
{% macro raw_table_is_there(relation) -%}
  {%- set found = run_query(
    "select cast(to_regclass('" ~ relation.include(database=false) ~ "') as text)"
  ) -%}
  {{ return(found.rows[0][0] is not none) }}
{%- endmacro %}
