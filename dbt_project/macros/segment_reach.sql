{#- What becomes of a member of a segment on a channel; each is a column `…_count` of segment_reach. -#}
{% macro reach_outcomes() -%}
  {{ return(['reachable', 'held_back', 'weak_link'] + contact_obstacle_names()) }}
{%- endmacro %}

{#- The obstacles of one row as rows: channel, obstacle. -#}
{% macro obstacle_rows(row) -%}
  values {% for channel in contact_channels() -%}
    ('{{ channel }}', {{ row }}.{{ channel }}){{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}

{#- The columns that say why a customer cannot be contacted. -#}
{% macro obstacle_columns(row) -%}
  {%- for channel in contact_channels() -%}
    {{ row }}.{{ channel }}{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}

{#- How many customers of `judged` there are of each outcome. -#}
{% macro outcome_counts() -%}
  {%- for outcome in reach_outcomes() -%}
    cast(
        coalesce(sum(judged.customer_count) filter (where judged.outcome = '{{ outcome }}'), 0) as bigint
    ) as {{ outcome }}_count{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}

{#- All outcomes of segment_reach together. -#}
{% macro sum_of_outcomes(row) -%}
  {%- for outcome in reach_outcomes() -%}
    {{ row }}.{{ outcome }}_count{{ ' + ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
