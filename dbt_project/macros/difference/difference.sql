{#-
  The materialisation `difference`: a table that is kept equal to its query by writing only the rows that differ.

  config(
    materialized='difference',
    key=['interaction_id'],           what identifies a row
    announces='customer_id',          a column, or an expression of columns, or a list of them; their values, old and new,
                                      of every row written are told to followers
    follows=['touchpoints'],          models whose announcements say what to compute again, a view standing for what it
                                      reads, `<source>.<table>` for a source that announces (announcing_sources.sql);
                                      needs `only_changed(...)` in the query
    scope='customer_id',              the column of this table that holds what is announced (default: customer_id)
    together='customer_id',           rows with the same value lie side by side when the table is made anew: followers,
                                      and whoever looks up a customer, read a page or two instead of one per row
    watches=['stg_shopify__products'] small relations; when their content changes, everything is computed again
    nobody=true                       rows whose scope is null, of which nobody tells, are in the query on every run
  )

  What is announced need not be what a row of this table is found by: `also_changed()` in the query says what else is to
  be computed again.

  Without `follows` the whole query runs and is compared with the table. With `follows` only what was announced since
  this table was last built is computed, and rows of it that the query no longer gives are deleted; when nothing was, and
  nothing else is new, nothing runs. A table that does
  not exist, has other columns or indexes than its contract, or is built with --full-refresh, is made anew; a query
  whose text changed is compared as a whole. Table, announcements and what was seen of them change in one transaction,
  so that a run that is killed, or fails later, is made good by the next.

  Row types must be comparable (jsonb, not json). A query that names `as_of()` has a new text on every run.
-#}
{% materialization difference, adapter='postgres' %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set key = config.require('key') -%}
  {%- set announces = config.get('announces', []) -%}
  {%- set announces = [announces] if announces is string else announces -%}
  {%- set follows = difference_followed(config.get('follows', [])) -%}
  {%- set scope = config.get('scope', 'customer_id') -%}
  {%- set whole_sql = difference_whole(sql) -%}
  {%- if follows and whole_sql == sql -%}
    {{ exceptions.raise_compiler_error(
      model.name ~ ' follows ' ~ follows | join(', ') ~ ' but never says only_changed(...): every run would delete what it does not compute'
    ) }}
  {%- endif -%}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {%- set known = difference_look(target_relation, follows, config.get('watches', [])) -%}
  {%- set before = known.before -%}
  {%- set now = {
    'query': local_md5(whole_sql ~ known['views']),
    'shape': local_md5(model.columns | string ~ config.get('indexes', []) | string ~ model.constraints | string ~ config.get('together', '')),
    'watched': local_md5(known.watched),
    'announces': announces | join(', '),
    'follows': follows,
    'seen': known.last or (before.seen if before else 0),
  } -%}
  {%- set anew = existing is none or existing.type != 'table' or before is none or should_full_refresh()
    or before.shape != now.shape or before.announces != now.announces -%}
  {%- set nothing_new = not anew and follows and before == now and not config.get('nobody') -%}

  {% if anew %}
    {% do difference_create(target_relation, existing, whole_sql, announces) %}
    {% do run_query(difference_remember(target_relation, now)) if before != now %}
  {% elif nothing_new %}
    {% call noop_statement('main', 'nothing new', 'NOTHING NEW', 0) -%}
      -- nothing was announced that this table has not seen
    {%- endcall %}
  {% else %}
    {%- set all_of_it = not follows or before.query != now.query or before.watched != now.watched or known.everything -%}
    {% if all_of_it and config.get('contract').enforced %}
      {{ get_assert_columns_equivalent(whole_sql) }}
    {% endif %}
    {% call statement('prepare') -%}
      -- What is read again is mostly in memory: of a large table a few rows are sooner found by an index than by reading all.
      set local work_mem = '{{ var("difference_work_mem", "256MB") }}';
      set local random_page_cost = 1.1;
      {%- if not all_of_it %}
      -- dbt's threads are at work on every core: to share out what is little costs more than to do it.
      set local max_parallel_workers_per_gather = 0;
      {{ difference_collect(follows, before.seen, sql) }}
      {%- endif %}
    {%- endcall %}
    {% do difference_apply(target_relation, known, whole_sql if all_of_it else sql, key, announces, none if all_of_it else scope,
      difference_remember(target_relation, now) if before != now else '') %}
  {% endif %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=anew)) %}
  {% do persist_docs(target_relation, model) %}
  {% if not nothing_new %}
    {% do adapter.commit() %}
  {% endif %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#- The table made anew, in place of the one there is. Its followers are told that everything changed. -#}
{% macro difference_create(target_relation, existing, whole_sql, announces) %}
  {%- set fresh = make_intermediate_relation(target_relation) -%}
  {%- set in_order = 'select * from (' ~ whole_sql ~ '\n) as unordered order by ' ~ config.get('together') -%}
  {% do run_query('drop table if exists ' ~ fresh ~ ' cascade') %}
  {% call statement('main') -%}
    {{ get_create_table_as_sql(False, fresh, in_order if config.get('together') else whole_sql) }}
  {%- endcall %}
  {% do create_indexes(fresh) %}
  {% if existing is not none %}
    {% do adapter.drop_relation(existing) %}
  {% endif %}
  {% do adapter.rename_relation(fresh, target_relation) %}
  {% do run_query('analyze ' ~ target_relation) %}
  {% if announces %}
    {% do run_query(difference_announce(target_relation, 'select cast(null as text) as changed_key')) %}
  {% endif %}
{% endmacro %}


{#-
  Only what differs is written, and `remember`, the statements that say so: `scope` limits what the query speaks of; none
  is the whole table.
-#}
{% macro difference_apply(target_relation, known, wanted_sql, key, announces, scope, remember) %}
  {%- set types = dict(known.columns) -%}
  {%- set others = types.keys() | reject('in', key) | list -%}
  {%- set found = 'difference__' ~ local_md5(target_relation | string)[:12] -%}
  {%- set same_key -%}
    {%- for column in key %}wanted.{{ column }} = stored.{{ column }}{{ ' and ' if not loop.last }}{% endfor -%}
  {%- endset -%}
  {% call statement('compare') -%}
    create temporary table {{ found }} on commit drop as
    select
      {%- for column in key %}
      coalesce(wanted.{{ column }}, stored.{{ column }}) as {{ column }},
      {%- endfor %}
      {%- for column in others %}
      wanted.{{ column }},
      {%- endfor %}
      {%- if announces %}
      wanted.now_announced,
      stored.formerly_announced,
      {%- endif %}
      wanted.{{ key[0] }} is null as is_gone,
      stored.{{ key[0] }} is null as is_new
    from (
      select
        *{% if announces %},
        array[{% for one in announces %}cast({{ one }} as text){{ ', ' if not loop.last }}{% endfor %}] as now_announced{% endif %}
      from (
        select
          {%- for column, type in types.items() %}
          cast(given.{{ column }} as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
          {%- endfor %}
        from ({{ wanted_sql }}
        ) as given
      ) as typed
    ) as wanted
    full join (
      select
        *{% if announces %},
        array[{% for one in announces %}cast({{ one }} as text){{ ', ' if not loop.last }}{% endfor %}] as formerly_announced{% endif %}
      from {{ target_relation }}
      {%- if scope %}
      where {{ scope }} in (select changed_key from {{ difference_changed() }})
      {{ 'or ' ~ scope ~ ' is null' if config.get('nobody') }}
      {%- endif %}
    ) as stored on {{ same_key }}
    where
      wanted.{{ key[0] }} is null
      or stored.{{ key[0] }} is null
      {%- if others %}
      or ({% for column in others %}wanted.{{ column }}{{ ', ' if not loop.last }}{% endfor %})
        is distinct from ({% for column in others %}stored.{{ column }}{{ ', ' if not loop.last }}{% endfor %})
      {%- endif %}
  {%- endcall %}
  {# The same key twice would be a row more on every run: the index refuses it. #}
  {% call statement('main') -%}
    create unique index on {{ found }} ({{ key | join(', ') }});
    {%- if announces %}
    {{ difference_announce(target_relation,
      'select unnest(now_announced) as changed_key from ' ~ found ~ ' union select unnest(formerly_announced) from ' ~ found, some=true
    ) }}
    {%- endif %}
    {{ remember }}
    delete from {{ target_relation }} as stored using {{ found }} as wanted where not wanted.is_new and {{ same_key }};
    insert into {{ target_relation }} ({{ types.keys() | join(', ') }})
    select {{ types.keys() | join(', ') }} from {{ found }} where not is_gone
  {%- endcall %}
  {% if load_result('main').response.rows_affected > 0.1 * ([known.rows, 0.0] | max) %}
    {% do run_query('analyze ' ~ target_relation) %}
  {% endif %}
{% endmacro %}


{#- The columns of a table in their order, and their types as Postgres writes them. -#}
{% macro difference_types(relation) %}
  {%- set found = {} -%}
  {%- for row in run_query(
    "select quote_ident(attname), format_type(atttypid, atttypmod) from pg_attribute where attrelid = '" ~ relation
    ~ "'::regclass and attnum > 0 and not attisdropped order by attnum"
  ).rows -%}
    {%- do found.update({row[0]: row[1]}) -%}
  {%- endfor -%}
  {{ return(found) }}
{% endmacro %}
