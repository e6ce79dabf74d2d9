{#- What a build of a table that follows, or of a test that does, must know before it begins, and prepare. -#}

{#-
  All that is to be known, by one question: `before` (what the table was built by, the last change that it has seen; none
  when it was never built this way), `last` (the last change of what it follows, none when there is none that it has not
  seen), `everything` (whether one of those says so), `views` and `watched` (digests of what is read), `columns` (names
  and types, in their order; none without the table) and `rows` (of the table, as the planner counts).
-#}
{% macro difference_look(relation, follows, watches) %}
  {%- set schema = difference_schema() | trim -%}
  {%- set name = difference_name(relation) -%}
  {% call statement('look', fetch_result=True, auto_begin=False) -%}
    {{ wait_for_announcing(follows) }}
    with remembered as (select * from {{ schema }}.models where relation = '{{ name }}')
    {%- if follows %},
    unseen as (
      select max(change_id) as last, coalesce(bool_or(changed_key is null), false) as everything
      from {{ schema }}.changes
      where
        change_id > coalesce((select seen from remembered), 0) and relation in ('{{ follows | join("', '") }}')
    )
    {%- endif %}
    select cast(json_build_object(
      'before', (select to_jsonb(remembered) - 'relation' from remembered),
      'last', {{ '(select last from unseen)' if follows else 'null' }},
      'everything', {{ '(select everything from unseen)' if follows else 'false' }},
      'views', {{ difference_views() if follows else "''" }},
      'watched', {{ difference_watched(watches) }},
      'columns', (
        select json_agg(array[quote_ident(attname), format_type(atttypid, atttypmod)] order by attnum)
        from pg_attribute where attrelid = to_regclass('{{ name }}') and attnum > 0 and not attisdropped
      ),
      'rows', (select reltuples from pg_class where oid = to_regclass('{{ name }}'))
    ) as text) as known
  {%- endcall %}
  {{ return(fromjson(load_result('look').table.rows[0][0])) }}
{% endmacro %}


{#- An expression: one digest of everything in some small relations, whatever the order of their rows. -#}
{% macro difference_watched(watches) -%}
  concat_ws(',', ''
  {%- for relation in difference_names(watches) -%}
    , (select coalesce(md5(string_agg(md5(cast(t as text)), '' order by md5(cast(t as text)))), 'none') from {{ relation }} as t)
  {%- endfor -%}
  )
{%- endmacro %}


{#-
  An expression: one digest of the definitions of all views below a model: they are part of its query, and may change
  when its own text does not.
-#}
{% macro difference_views() -%}
  {%- set read = [] -%}
  {%- for reference in model.refs -%}
    {%- do read.append(ref(reference.package, reference.name) if reference.package else ref(reference.name)) -%}
  {%- endfor -%}
  (
    with recursive reached as (
      select to_regclass(name) as oid from unnest(cast(array['{{ read | join("', '") }}'] as text [])) as named (name)
      union
      select below.refobjid from reached
      inner join pg_rewrite as rules on reached.oid = rules.ev_class
      inner join pg_depend as below on rules.oid = below.objid and below.classid = 'pg_rewrite'::regclass
        and below.refclassid = 'pg_class'::regclass
    )
    select coalesce(md5(string_agg(md5(pg_get_viewdef(views.oid)), '' order by md5(pg_get_viewdef(views.oid)))), '')
    from reached
    inner join pg_class as views on reached.oid = views.oid
    where views.relkind = 'v'
  )
{%- endmacro %}


{#-
  Statements: the table of what to compute again, for the length of the transaction, and what the query says is to be
  computed because of it. How many keys there are is what the planner must know; a tenth of the usual sample tells that
  they are unique.
-#}
{% macro difference_collect(follows, seen, sql) -%}
  {%- set name = difference_changed() | trim -%}
  create temporary table {{ name }} on commit drop as
  select distinct changed_key from {{ difference_schema() | trim }}.changes
  where change_id > {{ seen }} and relation in ('{{ follows | join("', '") }}');
  create unique index on {{ name }} (changed_key);
  alter table {{ name }} alter changed_key set statistics 10;
  analyze {{ name }};
  {%- for query in modules.re.findall('(?s)/[*]also changed:(.*?):also changed[*]/', sql) %}
  insert into {{ name }} (changed_key)
  select found.* from ({{ query }}) as found (changed_key) where found.changed_key is not null on conflict do nothing;
  {{- ' analyze ' ~ name ~ ';' if loop.last }}
  {%- endfor %}
{%- endmacro %}
