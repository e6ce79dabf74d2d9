{#- The rule of every segment, told to dbt while it parses: a rule that is changed is a reason to build what reads it. -#}
{% macro segment_rule_refs() -%}
  {%- for name in segment_names() -%}
    {%- do ref('seg_' ~ name) -%}
  {%- endfor -%}
{%- endmacro %}


{#-
  For whom rules hold: segment, customer_id, reason. `asks_shared` says which: those that ask for any of shared_traits(),
  or those that do not. Every customer is read once and asked everything: as many scans as segments would be slow.
-#}
{% macro segment_rule_member_rows(asks_shared) -%}
  {%- set features = ref('customer_features' if asks_shared else 'customer_own_features') -%}
  {%- set events = ref('segment_rule_events') -%}
  {%- do segment_all_refs() -%}
  {%- if execute -%}
    {%- set kept = [] -%}
    {%- set names = [] -%}
    {%- set reasons = [] -%}
    {%- for name in segment_names() if segment_asks_shared(name) == asks_shared -%}
      {%- set node = segment_node(name) -%}
      {%- set nodes = [] -%}
      {%- set asked = {'place': node.name, 'joined': true, 'segment': name, 'kept': kept} -%}
      {%- set condition = segment_walk(node.config.meta['rule'], '1', false, asked, nodes) -%}
      {%- set reason = segment_reason(nodes, node.config.meta['shows'], node.name) -%}
      {%- do names.append(name) -%}
      {%- do reasons.append('case when ' ~ condition ~ ' then ' ~ reason ~ ' end') -%}
    {%- endfor -%}
select
    rules.segment,
    traits.customer_id,
    rules.reason
from {{ features }} as traits
    {%- for place in kept %}
    {%- set alias = 'event_' ~ loop.index0 %}
left join {{ events }} as {{ alias }}
    on traits.customer_id = {{ alias }}.customer_id
    and {{ alias }}.segment = '{{ place[0] }}' and {{ alias }}.path = '{{ place[1] }}'
    {%- endfor %}
cross join lateral unnest(
    {{ segment_array(names) }},
    cast(array[
        {{ reasons | join(',\n        ') }}
    ] as jsonb [])
) as rules (segment, reason)
where rules.reason is not null and {{ only_changed('traits.customer_id') }}
  {%- endif -%}
{%- endmacro %}


{#- Whether a rule, or that of a segment which it names, asks for a trait that depends on other customers. -#}
{% macro segment_asks_shared(name) -%}
  {%- set meta = segment_node(name).config.meta -%}
  {%- for trait in meta['shows'] if trait in shared_traits() -%}
    {{ return(true) }}
  {%- endfor -%}
  {%- for leaf in segment_leaves(meta['rule']) -%}
    {%- if leaf['trait'] in shared_traits() or ('segment' in leaf and segment_asks_shared(leaf['segment'])) -%}
      {{ return(true) }}
    {%- endif -%}
  {%- endfor -%}
  {{ return(false) }}
{%- endmacro %}


{% macro segment_node(name) -%}
  {{ return(graph.nodes['model.' ~ project_name ~ '.seg_' ~ name]) }}
{%- endmacro %}


{#- Everybody for whom the rule of a segment holds: segment, customer_id, reason. -#}
{% macro segment_rows() -%}
select segment, customer_id, reason from {{ ref('segment_own_rule_members') }}
union all
select segment, customer_id, reason from {{ ref('segment_shared_rule_members') }}
{%- endmacro %}


{#-
  What the events come to that rules count: segment, path, customer_id, times, seen. Whatever rules ask of the timeline
  is read from it once.
-#}
{% macro segment_rule_event_rows() -%}
  {%- do segment_rule_refs() -%}
  {%- for name in ['touchpoints', 'orders', 'order_lines'] -%}
    {%- do ref(name) -%}
  {%- endfor -%}
  {%- if execute -%}
    {%- set touched = [] -%}
    {%- set counted = [] -%}
    {%- for name in segment_names() -%}
      {%- set node = segment_node(name) -%}
      {%- set nodes = [] -%}
      {%- set asked = {'place': node.name, 'joined': true, 'touched': touched} -%}
      {%- do segment_walk(node.config.meta['rule'], '1', false, asked, nodes) -%}
      {%- for node in nodes if node.kind == 'event' -%}
        {%- do counted.append({'segment': name, 'path': node.path, 'events': node.events}) -%}
      {%- endfor -%}
    {%- endfor -%}
with

touched as {{ put_aside() }} (
    select *
    from {{ ref('touchpoints') }}
    where
        customer_id is not null
        and kind = any({{ segment_array(touched | unique | sort | list) }})
        and {{ only_changed('customer_id') }}
)
    {% for one in counted %}
select '{{ one.segment }}' as segment, '{{ one.path }}' as path, counted.customer_id, counted.times, counted.seen
from ({{ one.events }}) as counted
union all
    {%- endfor %}
select
    cast(null as text) as segment,
    cast(null as text) as path,
    cast(null as text) as customer_id,
    cast(null as bigint) as times,
    cast(null as jsonb) as seen
where false
  {%- endif -%}
{%- endmacro %}
