{#-
  The materialisation `standing_view`: a view that is replaced where it stands, so that no view that reads it is dropped
  and one statement is all it costs. With other columns than its contract, or with --full-refresh, it is made anew.
-#}
{% materialization standing_view, adapter='postgres' %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='view') -%}
  {%- set stands = existing is not none and existing.type == 'view' and not should_full_refresh()
    and difference_types(existing).keys() | sort == model.columns.keys() | sort -%}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% if not stands %}
    {% if config.get('contract').enforced %}
      {{ get_assert_columns_equivalent(sql) }}
    {% endif %}
    {% if existing is not none %}
      {% do adapter.drop_relation(existing) %}
    {% endif %}
  {% endif %}
  {# A type that changed is refused by Postgres, who names the column. #}
  {% call statement('main') -%}
    create or replace view {{ target_relation }} as (
{{ sql }}
    )
  {%- endcall %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=not stands)) %}
  {% do persist_docs(target_relation, model) %}
  {% do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
