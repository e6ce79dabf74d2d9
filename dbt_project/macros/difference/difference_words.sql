{#- What the query of a model, or of a test, says of what changed. -#}
{#-
  In a model that follows others, around a query of one column: what is to be computed again because of what is known to
  be so far, which it reads from `difference_changed()`. Run in the order in which they stand, before the model's own
  query. To the model's query they are comments.
-#}
{% macro also_changed() -%}
  {%- if not execute -%}
    {%- do caller() -%}  {#- so that dbt learns what is read -#}
  {%- elif difference_is_followed() -%}
    /*also changed: {{ caller() }} :also changed*/
  {%- endif -%}
{%- endmacro %}


{% macro difference_changed() -%}
  changed__{{ local_md5(this | string)[:12] if execute }}
{%- endmacro %}


{#-
  Beside a column that an index leads to: what is known to be changed, one look at the index for each. Where many are
  compared with few, `in (select ...)` would read all that there is.
-#}
{% macro any_changed(beginning='') -%}
  any(array(select changed_key from {{ difference_changed() }}
  {{- " where starts_with(changed_key, '" ~ beginning ~ "')" if beginning }}))
{%- endmacro %}


{#- As `any_changed`, without the beginning. -#}
{% macro any_changed_named(beginning) -%}
  any(array(select * from {{ changed_named(beginning) }} as named))
{%- endmacro %}


{#- What was announced under names that begin so, without the beginning. -#}
{% macro changed_named(beginning) -%}
  (
    select substr(changed_key, {{ beginning | length + 1 }}) from {{ difference_changed() }}
    where starts_with(changed_key, '{{ beginning }}')
  )
{%- endmacro %}


{#- Whether anything was announced under such names: before a look at a large table, which nothing may be in. -#}
{% macro any_named(beginning) -%}
  exists (select 1 from {{ difference_changed() }} where starts_with(changed_key, '{{ beginning }}'))
{%- endmacro %}


{#-
  In a model, or a test, that follows others: true for the rows to compute, or ask of, in this run. `column` is the query's
  own column of what is announced (see `scope`), such as `records.customer_id`. May be said several times, wherever it
  saves work.
-#}
{% macro only_changed(column) -%}
  {%- if difference_is_followed() -%}
    /*changed:*/ {{ column }} in (select changed_key from {{ difference_changed() }}) /*:changed*/
  {%- else -%}
    true
  {%- endif -%}
{%- endmacro %}


{#- As `only_changed`, where an index leads to the column, and its values begin so: see `any_changed`. -#}
{% macro only_found(column, beginning='') -%}
  {%- if difference_is_followed() -%}
    /*changed:*/ {{ column }} = {{ any_changed(beginning) }} /*:changed*/
  {%- else -%}
    true
  {%- endif -%}
{%- endmacro %}


{#-
  Behind the `as` of a CTE that is read several times: few changed rows are put aside once, all rows are not.
-#}
{% macro put_aside() -%}
  {%- if difference_is_followed() -%}
    /*changed:*/ materialized /*:changed*/
  {%- else -%}
    not materialized
  {%- endif -%}
{%- endmacro %}


{% macro difference_whole(sql) %}
  {%- set put = modules.re.sub('/[*]changed:[*]/ materialized /[*]:changed[*]/', 'not materialized', sql) -%}
  {{ return(modules.re.sub('(?s)/[*]changed:[*]/.*?/[*]:changed[*]/', 'true', put)) }}
{% endmacro %}
