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
    -- Not `if not exists`, which waits for whoever is writing to the table before it looks.
    do $$ begin
      if to_regclass('{{ schema }}.changes_of_relation') is null then
        create index changes_of_relation on {{ schema }}.changes (relation, change_id);
      end if;
    end $$;
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


{#- Statements: what a table was built by, and the last change it has seen. -#}
{% macro difference_remember(relation, now) -%}
  insert into {{ difference_schema() | trim }}.models (relation, query, shape, watched, announces, follows, seen)
  values (
    '{{ difference_name(relation) }}', '{{ now.query }}', '{{ now.shape }}', '{{ now.watched }}',
    '{{ now.announces | replace("'", "''") }}', '{ {{- now.follows | join(',') -}} }', {{ now.seen }}
  )
  on conflict (relation) do update set
    query = excluded.query, shape = excluded.shape, watched = excluded.watched, announces = excluded.announces,
    follows = excluded.follows, seen = excluded.seen;
{%- endmacro %}


{#- Statements: `keys_sql` gives changed_key, who or what was written to the table; null is everything, unless `some`. -#}
{% macro difference_announce(relation, keys_sql, some=false) -%}
  insert into {{ difference_schema() | trim }}.changes (relation, changed_key)
  select '{{ difference_name(relation) }}', changed_key from ({{ keys_sql }}) as told
  {{- ' where changed_key is not null' if some }};
{%- endmacro %}
