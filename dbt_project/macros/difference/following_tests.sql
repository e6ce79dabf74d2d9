{#-
  Tests that follow: what holds of each customer by itself is asked in `dbt build` of those alone of whom something was
  announced since the test last passed. A test says so like a table of the materialisation `difference`, in its meta

    {{ config(meta={'follows': ['contact_points', 'customers']}) }}

  and says `only_changed(...)` in its query; a generic test, whose query is dbt's, in `where: __changed__(customer_id)`.
  Everything is asked by `dbt test`, with --full-refresh, with --store-failures, after the test's text changed, and of a
  test that has not passed yet. A test that fails asks again, the same and more, until it passes.
-#}
{% materialization test, adapter='postgres' %}
  {%- if not difference_is_followed() -%}
    {{ return(dbt.materialization_test_default()) }}
  {%- endif -%}
  {%- set follows = difference_followed(model.config.meta.follows) -%}
  {%- set whole_sql = difference_whole(sql) -%}
  {%- if whole_sql == sql -%}
    {{ exceptions.raise_compiler_error(model.name ~ ' follows ' ~ follows | join(', ') ~ ' but never says only_changed(...)') }}
  {%- endif -%}
  {%- set known = difference_look(this, follows, []) -%}
  {%- set before = known.before -%}
  {%- set now = {
    'query': local_md5(whole_sql ~ known['views']), 'shape': '', 'watched': '', 'announces': '', 'follows': follows,
    'seen': known.last or (before.seen if before else 0),
  } -%}
  {%- set all_of_it = before is none or before.query != now.query or before.follows != now.follows
    or should_full_refresh() or known.everything -%}

  {%- if before == now and not all_of_it -%}
    {%- set asked = 'select null as nothing_new where false' -%}
  {%- else -%}
    {%- set asked = whole_sql if all_of_it else sql -%}
  {%- endif -%}
  {% call statement('main', fetch_result=True) -%}
    {{ difference_collect(follows, before.seen, '') if before != now and not all_of_it }}
    {{ get_test_sql(
      get_limit_subquery_sql(asked, config.get('limit')), config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), none
    ) }}
  {%- endcall %}

  {%- if before != now and load_result('main').table.rows[0]['failures'] == 0 -%}
    {% do run_query(difference_remember(this, now)) %}
    {% do adapter.commit() %}
  {%- endif -%}
  {{ return({'relations': []}) }}
{% endmaterialization %}


{#- Whether what runs computes, or asks, only of what changed: for `only_changed` and its like. -#}
{% macro difference_is_followed() %}
  {%- if not execute or flags.WHICH in ('compile', 'show', 'generate', 'test') -%}{{ return(false) }}{%- endif -%}
  {%- if model.resource_type == 'test' -%}
    {{ return((model.config.meta or {}).get('follows') and not should_store_failures()) }}
  {%- endif -%}
  {{ return(model.config.materialized == 'difference') }}
{% endmacro %}


{#- dbt's own, with `__changed__(column)` in `where` said as `only_changed(column)`. -#}
{% macro postgres__get_where_subquery(relation) -%}
  {%- set where = config.get('where', '') -%}
  {%- set column = modules.re.match('__changed__[(](\\w+)[)]$', where or '') -%}
  {%- if column -%}
    (select * from {{ relation }} where {{ only_changed(column.group(1)) }}) as dbt_subquery
  {%- else -%}
    {{ dbt.default__get_where_subquery(relation) }}
  {%- endif -%}
{%- endmacro %}
