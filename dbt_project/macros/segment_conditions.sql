{#-
  The conditions of a segment, for one customer at a time: its rule, then, for marketing, the segments that hold people
  back (`held_by`). A customer is a member when the conditions of depth 0 all hold.
-#}
{% macro segment_conditions(name, held_by) -%}
  {%- set node = segment_node(name) -%}
  {%- set nodes = [] -%}
  {%- do segment_walk(node.config.meta['rule'], '1', false, {'place': node.name, 'joined': false}, nodes) -%}
  {%- if node.config.meta['purpose'] == 'marketing' -%}
    {%- for other in held_by -%}
      {%- set held = segment_member_leaf({'segment': other}, '', {'place': node.name, 'joined': false}) -%}
      {%- do nodes.append({
        'path': (1 + loop.index) | string, 'depth': 0, 'kind': 'hold_back', 'seen': held.seen,
        'label': 'no promotion to who ' ~ held.label, 'sql': '(not ' ~ held.sql ~ ')',
      }) -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(nodes) }}
{%- endmacro %}


{#- Everything that the rules of all segments may read, told to dbt while it parses. -#}
{% macro segment_all_refs() -%}
  {%- for name in ['customer_features', 'orders', 'order_lines', 'touchpoints'] -%}
    {%- do ref(name) -%}
  {%- endfor -%}
  {%- do segment_rule_refs() -%}
{%- endmacro %}


{#- One row per segment and condition, its SQL as text. -#}
{% macro segment_condition_rows() -%}
  {%- do segment_all_refs() -%}
  {%- if execute -%}
    {%- set held_by = segments_that_hold_back() %}
select *
from (
    values
    {%- for name in segment_names() %}
      {%- set is_last = loop.last %}
      {%- for node in segment_conditions(name, held_by) %}
    (
        '{{ name }}', {{ loop.index }}, '{{ node.path }}', {{ node.depth }}, '{{ node.kind }}',
        {{ segment_literal(node.label) }}, {{ segment_literal(node.sql) }},
        {{ segment_literal(node.seen) if node.seen else 'null' }}
    ){{ ',' if not (is_last and loop.last) }}
      {%- endfor %}
    {%- endfor %}
) as conditions (segment, position, path, depth, kind, label, sql, seen_sql)
  {%- endif -%}
{%- endmacro %}


{#- The same conditions evaluated: one row per customer, segment and condition, computed when somebody asks. -#}
{% macro segment_why_rows() -%}
  {%- do segment_all_refs() -%}
  {%- if execute -%}
    {%- set held_by = segments_that_hold_back() -%}
    {%- for name in segment_names() %}
select
    traits.customer_id,
    '{{ name }}' as segment,
    condition.position,
    condition.path,
    condition.depth,
    condition.kind,
    condition.label,
    condition.holds,
    condition.seen
from {{ ref('customer_features') }} as traits
cross join lateral (
    values
      {%- for node in segment_conditions(name, held_by) %}
    (
        {{ loop.index }}, '{{ node.path }}', {{ node.depth }}, '{{ node.kind }}', {{ segment_literal(node.label) }},
        {{ node.sql }},
        {{ node.seen or 'cast(null as jsonb)' }}
    ){{ ',' if not loop.last }}
      {%- endfor %}
) as condition (position, path, depth, kind, label, holds, seen)
      {{- "\nunion all" if not loop.last }}
    {%- endfor %}
  {%- endif -%}
{%- endmacro %}
