{#-
  Sources that announce what is written to them, though dbt does not write them: a table of a source whose meta says

    announces: ["record_id"]                  expressions of its columns, as in the materialisation `difference`
    compares: [record_id, customer_id]        the columns that matter; a row is announced when one of them is another

  has triggers that tell schema `build_state`, whoever writes: identity's publication, an erasure, a steward's hand.
  Followers name it in `follows` as `<source>.<table>`. A statement that writes very many rows says "everything".
-#}

{#- On run start: the triggers, where they are not there yet or say something else. What came before is unknown. -#}
{% macro let_sources_announce() %}
  {%- if execute and not var('schema_prefix', '') -%}
    {%- for table in graph.sources.values() if table.meta.get('announces') -%}
      {%- set relation = table.schema ~ '.' ~ table.identifier -%}
      {%- set told -%} array[{% for one in table.meta.announces %}cast({{ one }} as text){{ ', ' if not loop.last }}{% endfor %}] {%- endset -%}
      {%- set compared = table.meta.compares | join(', ') -%}
      {%- set trigger = 'announces_' ~ local_md5(told ~ compared ~ announcing_function())[:8] -%}
      {%- set missing = run_query(
        "select not exists (select 1 from pg_trigger where tgrelid = '" ~ relation ~ "'::regclass and tgname = '" ~ trigger ~ "_inserted')"
      ).rows[0][0] -%}
      {%- if missing %}
        {{ announcing_function() }}
        {{ drop_announcing_triggers(relation) }}
        {%- for event, tables in {
          'insert': 'new table as come', 'update': 'new table as come old table as gone', 'delete': 'old table as gone', 'truncate': ''
        }.items() %}
        create trigger {{ trigger }}_{{ event }}{{ 'd' if event.endswith('e') else 'ed' }} after {{ event }} on {{ relation }}
            {{ 'referencing ' ~ tables if tables }}
            for each statement execute function {{ difference_schema() | trim }}.announce_rows($told${{ told }}$told$, '{{ compared }}');
        {%- endfor %}
        insert into {{ difference_schema() | trim }}.changes (relation, changed_key) values ('{{ relation }}', null);
      {%- endif %}
    {%- endfor -%}
  {%- endif -%}
{% endmacro %}


{#- What the triggers run. It is its owner's, so that whoever may write the table may announce it too. -#}
{% macro announcing_function() -%}
  create or replace function {{ difference_schema() | trim }}.announce_rows() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $function$
  declare
      name constant text := tg_table_schema || '.' || tg_table_name;
      compared constant text := tg_argv[1];
      written bigint := 0;
      changed text;
  begin
      -- Until this transaction ends, followers wait: an announcement may not come after one that they have seen.
      perform pg_advisory_xact_lock_shared({{ announcing_lock() }}, hashtext(name));
      if tg_op = 'TRUNCATE' then
          insert into {{ difference_schema() | trim }}.changes (relation, changed_key) values (name, null);
          return null;
      end if;
      execute format('select count(*) from %I', case tg_op when 'DELETE' then 'gone' else 'come' end) into written;
      if written > {{ var('most_announced', 100000) }} then
          insert into {{ difference_schema() | trim }}.changes (relation, changed_key) values (name, null);
          return null;
      end if;
      changed := case tg_op
          when 'INSERT' then format('select %s from come', compared)
          when 'DELETE' then format('select %s from gone', compared)
          else format(
              '(select %1$s from come except select %1$s from gone) union all (select %1$s from gone except select %1$s from come)', compared
          )
      end;
      execute format(
          'insert into {{ difference_schema() | trim }}.changes (relation, changed_key) '
          'select distinct %L, told.key from (%s) as changed cross join unnest(%s) as told (key) where told.key is not null',
          name, changed, tg_argv[0]
      );
      return null;
  end
  $function$;
{%- endmacro %}


{#- Triggers of an earlier declaration. -#}
{% macro drop_announcing_triggers(relation) -%}
  do $drop$
  declare
      old name;
  begin
      for old in select tgname from pg_trigger where tgrelid = '{{ relation }}'::regclass and tgname ~ '^announces_[0-9a-f]{8}_'
      loop
          execute format('drop trigger %I on {{ relation }}', old);
      end loop;
  end
  $drop$;
{%- endmacro %}


{#- The first of the two numbers of the advisory lock that writers share; the second is of the table. -#}
{% macro announcing_lock() -%} 1651663204 {%- endmacro %}


{#- Statements before a follower asks what was announced last: whoever is writing these tables has ended. -#}
{% macro wait_for_announcing(follows) -%}
  {%- for table in graph.sources.values() if table.meta.get('announces') -%}
    {%- set relation = table.schema ~ '.' ~ table.identifier -%}
    {%- if relation in follows %}
    select pg_advisory_lock({{ announcing_lock() }}, hashtext('{{ relation }}'));
    select pg_advisory_unlock({{ announcing_lock() }}, hashtext('{{ relation }}'));
    {%- endif -%}
  {%- endfor -%}
{%- endmacro %}
