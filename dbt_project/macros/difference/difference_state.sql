{#-
  What the materialisation `difference` remembers, in schema `build_state`:
  `changes` (relation, changed_key: who or what was written; null is everything) and `models` (per table: the digests it
  was built by, and the last change that it has seen; per test that follows, the last change that it has passed with).
-#}
{% macro difference_schema() -%}
  {{ generate_schema_name('build_state', none) }}
{%- endmacro %}


{#- On run start: the tables of the memory, when they are not there. -#}
{% macro create_difference_state() %}
  {% if execute %}
    {%- set schema = difference_schema() | trim -%}
    create schema if not exists {{ schema }};
    create table if not exists {{ schema }}.changes (
      change_id bigint generated always as identity primary key,
      relation text not null,
      changed_key text
    );
    create table if not exists {{ schema }}.models (
      relation text primary key,
      query text not null,
      shape text not null,
      watched text not null,
      announces text not null,
      follows text [] not null,
      seen bigint not null
    );
  {% endif %}
{% endmacro %}


{#- On run end: followers that the project no longer has are forgotten, and changes that every follower has seen. -#}
{% macro forget_seen_changes() %}
  {% if execute %}
    {%- set schema = difference_schema() | trim -%}
    {%- set here = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'test') -%}
      {%- do here.append(node.schema ~ '.' ~ node.alias) -%}
    {%- endfor -%}
    delete from {{ schema }}.models
    where follows <> '{}' and relation <> all(cast('{ {{- here | join(',') -}} }' as text []));
    with slowest as (
      select followed.relation, min(follower.seen) as seen
      from {{ schema }}.models as follower
      cross join unnest(follower.follows) as followed (relation)
      group by followed.relation
    )
    delete from {{ schema }}.changes as told
    where not exists (
      select 1 from slowest where slowest.relation = told.relation and slowest.seen < told.change_id
    );
  {% endif %}
{% endmacro %}


{#- The digests a table was last built by; none when it was never built this way. -#}
{% macro difference_before(relation) %}
  {%- set rows = run_query(
    'select query, shape, watched, announces, cast(follows as text), seen from ' ~ difference_schema() | trim ~ ".models where relation = '"
    ~ difference_name(relation) ~ "'"
  ).rows -%}
  {%- if rows | length == 0 -%}{{ return(none) }}{%- endif -%}
  {%- set row = rows[0] -%}
  {{ return({
    'query': row[0], 'shape': row[1], 'watched': row[2], 'announces': row[3], 'follows': row[4], 'seen': row[5] | int
  }) }}
{% endmacro %}


{% macro difference_remember(relation, now) %}
  {% do run_query(
    'insert into ' ~ difference_schema() | trim ~ '.models (relation, query, shape, watched, announces, follows, seen) values ('
    ~ "'" ~ difference_name(relation) ~ "', '" ~ now.query ~ "', '" ~ now.shape ~ "', '" ~ now.watched ~ "', '" ~ now.announces | replace("'", "''") ~ "', '"
    ~ now.follows ~ "', " ~ now.seen ~ ') on conflict (relation) do update set query = excluded.query, '
    ~ 'shape = excluded.shape, watched = excluded.watched, announces = excluded.announces, follows = excluded.follows, '
    ~ 'seen = excluded.seen'
  ) %}
{% endmacro %}


{% macro difference_announce(relation, keys_sql) %}
  {% do run_query(
    'insert into ' ~ difference_schema() | trim ~ ".changes (relation, changed_key) select '" ~ difference_name(relation)
    ~ "', changed_key from (" ~ keys_sql ~ ') as told' ~ (' where changed_key is not null' if 'union' in keys_sql)
  ) %}
{% endmacro %}


{#- A relation as it is remembered. -#}
{% macro difference_name(relation) -%}
  {{ return(relation.schema ~ '.' ~ relation.identifier) }}
{%- endmacro %}


{#- Models by name, as they are remembered. -#}
{% macro difference_names(models) %}
  {%- set found = [] -%}
  {%- for name in ([models] if models is string else models) -%}
    {%- do found.append(difference_name(ref(name))) -%}
  {%- endfor -%}
  {{ return(found) }}
{% endmacro %}


{#-
  The tables that announce for what a model says it follows: a view stands for those that it reads, `<source>.<table>` is
  a source that announces.
-#}
{% macro difference_followed(follows) %}
  {%- set found = [] -%}
  {%- for name in ([follows] if follows is string else follows) -%}
    {%- if '.' in name -%}
      {%- set table = graph.sources['source.' ~ model.package_name ~ '.' ~ name] -%}
      {%- if not table.meta.get('announces') -%}
        {{ exceptions.raise_compiler_error(model.name ~ ' follows ' ~ name ~ ', which announces nothing: say so in its meta') }}
      {%- endif -%}
      {%- do found.append(table.schema ~ '.' ~ table.identifier) -%}
    {%- else -%}
      {%- do found.extend(difference_announcing(graph.nodes['model.' ~ model.package_name ~ '.' ~ name])) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(found | unique | sort) }}
{% endmacro %}


{% macro difference_announcing(node) %}
  {%- if node.config.materialized == 'difference' and node.config.announces -%}
    {{ return([node.schema ~ '.' ~ node.alias]) }}
  {%- elif node.config.materialized != 'view' -%}
    {{ exceptions.raise_compiler_error(model.name ~ ' follows ' ~ node.name ~ ', which announces nothing: let it announce, or watch it') }}
  {%- endif -%}
  {%- set found = [] -%}
  {%- for below in node.depends_on.nodes if below in graph.nodes -%}
    {%- do found.extend(difference_announcing(graph.nodes[below])) -%}
  {%- endfor -%}
  {{ return(found) }}
{% endmacro %}


{#- The last change of what is followed; never before the last one that was seen. -#}
{% macro difference_last_change(follows, before) %}
  {%- set seen = before.seen if before else 0 -%}
  {%- if not follows -%}{{ return(0) }}{%- endif -%}
  {% do wait_for_announcing(follows) %}
  {{ return(run_query('select coalesce(max(change_id), ' ~ seen ~ ') ' ~ difference_unseen(follows, seen)).rows[0][0] | int) }}
{% endmacro %}


{% macro difference_unseen(follows, seen) -%}
  from {{ difference_schema() | trim }}.changes
  where change_id > {{ seen }} and relation in ('{{ follows | join("', '") }}')
{%- endmacro %}


{% macro difference_everything_changed(follows, seen) %}
  {%- if not follows -%}{{ return(false) }}{%- endif -%}
  {{ return(run_query(
    'select exists (select 1 ' ~ difference_unseen(follows, seen) ~ ' and changed_key is null)'
  ).rows[0][0]) }}
{% endmacro %}


{#-
  The table of what to compute again, for the length of the transaction. How many keys there are is what the planner must
  know; a tenth of the usual sample tells that they are unique.
-#}
{% macro difference_collect(follows, seen, all_of_it) %}
  {%- set name = difference_changed() | trim -%}
  {% do run_query(
    'drop table if exists pg_temp.' ~ name ~ '; '
    ~ 'create temporary table ' ~ name ~ ' on commit drop as select distinct changed_key ' ~ difference_unseen(follows, seen)
    ~ (' and false' if all_of_it else '')
    ~ '; create unique index on ' ~ name ~ ' (changed_key); '
    ~ 'alter table ' ~ name ~ ' alter changed_key set statistics 10; analyze ' ~ name
  ) %}
{% endmacro %}


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


{% macro difference_widen(sql) %}
  {%- set name = difference_changed() | trim -%}
  {%- for query in modules.re.findall('(?s)/[*]also changed:(.*?):also changed[*]/', sql) -%}
    {% do run_query('insert into ' ~ name ~ ' (changed_key) select found.* from (' ~ query ~ ') as found (changed_key) '
      ~ 'where found.changed_key is not null on conflict do nothing' ~ ('; analyze ' ~ name if loop.last)) %}
  {%- endfor -%}
{% endmacro %}


{% macro difference_changed() -%}
  changed__{{ local_md5(this | string)[:12] if execute }}
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


{#- One digest of everything in some small relations, whatever the order of their rows. -#}
{% macro difference_watched(watches) %}
  {%- set digests = [] -%}
  {%- for relation in difference_names(watches) -%}
    {%- do digests.append(run_query(
      "select coalesce(md5(string_agg(md5(cast(t as text)), '' order by md5(cast(t as text)))), 'none') from " ~ relation ~ ' as t'
    ).rows[0][0]) -%}
  {%- endfor -%}
  {{ return(local_md5(digests | join(','))) }}
{% endmacro %}


{#- The definitions of all views below a model: they are part of its query, and may change when its own text does not. -#}
{% macro difference_views() %}
  {%- set read = [] -%}
  {%- for reference in model.refs -%}
    {%- do read.append(ref(reference.package, reference.name) if reference.package else ref(reference.name)) -%}
  {%- endfor -%}
  {%- if not read -%}{{ return('') }}{%- endif -%}
  {{ return(run_query(
    "with recursive reached as (select to_regclass(name) as oid from unnest(array['" ~ read | join("', '") ~ "']) as named (name) union "
    ~ "select below.refobjid from reached inner join pg_rewrite as rules on reached.oid = rules.ev_class "
    ~ "inner join pg_depend as below on rules.oid = below.objid and below.classid = 'pg_rewrite'::regclass "
    ~ "and below.refclassid = 'pg_class'::regclass) "
    ~ "select coalesce(md5(string_agg(md5(pg_get_viewdef(views.oid)), '' order by md5(pg_get_viewdef(views.oid)))), '') from reached "
    ~ "inner join pg_class as views on reached.oid = views.oid where views.relkind = 'v'"
  ).rows[0][0]) }}
{% endmacro %}


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
