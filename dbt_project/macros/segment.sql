{#-
  A segment from its rule: one row per customer for whom the rule holds, with the reason.

  `rule` is the tree of docs/segments.md, as YAML text (hand-written models) or as a mapping (generated audiences).
  `shows` names traits whose values the reason carries although no condition asks for them, for whoever writes the
  message (the products in the basket, say).

  The rule is kept in the meta of the model, thresholds filled in: segment_conditions, segment_why, segment_catalogue and
  everybody who reads the manifest have it from there. A rule that is wrong stops the run, with the model, the condition
  and the nearest words.

  Such a model is a view: `segment_rule_member_rows` evaluates all rules together, and what they say is kept.
-#}
{% macro segment(rule, shows=[]) -%}
  {%- set tree = segment_tree(rule, model.name) -%}
  {%- do config(materialized='standing_view', meta={'rule': tree, 'shows': shows}) -%}
  {%- set features = ref('customer_features') -%}
  {%- do segment_refs(tree, model.name) -%}
  {%- if execute -%}
    {%- set nodes = [] -%}
    {%- set condition = segment_walk(tree, '1', false, {'place': model.name, 'joined': true}, nodes) -%}
select
    traits.customer_id,
    {{ segment_reason(nodes, shows, model.name) }} as reason
from {{ features }} as traits
    {%- for node in nodes if node.join %}
left join {{ node.join }}
    {%- endfor %}
where {{ condition }}
  {%- endif -%}
{%- endmacro %}


{#- The rule as a mapping, whether it was given as one or as YAML. -#}
{% macro segment_tree(rule, place) -%}
  {%- set tree = fromyaml(rule) if rule is string else rule -%}
  {%- if tree is not mapping -%}
    {%- do segment_problem(place, '1', rule, 'a rule is a YAML mapping, such as {trait: order_count, at_least: 3}') -%}
  {%- endif -%}
  {%- if tojson(tree) is none -%}
    {%- do segment_problem(place, '1', none, 'a date in a rule stands in quotes: "2026-01-31"') -%}
  {%- endif -%}
  {{ return(tree) }}
{%- endmacro %}


{#-
  Tell dbt what a rule reads, while it parses: refs must not depend on anything that only a run knows. A segment that
  does not exist is told here, before dbt stops with a message that names no condition.
-#}
{% macro segment_refs(rule, place, path='1') -%}
  {%- if rule is mapping -%}
    {%- for group in ['all', 'any'] if rule[group] is sequence and rule[group] is not string -%}
      {%- for child in rule[group] -%}
        {%- do segment_refs(child, place, path ~ '.' ~ loop.index) -%}
      {%- endfor -%}
    {%- endfor -%}
    {%- do segment_refs(rule['not'], place, path ~ '.1') -%}
    {%- if 'segment' in rule -%}
      {%- if rule['segment'] not in segment_names() -%}
        {%- do segment_problem(
          place, path, rule, segment_no_such('segment', rule['segment'], segment_names())
        ) -%}
      {%- endif -%}
      {%- do ref('seg_' ~ rule['segment']) -%}
    {%- endif -%}
    {%- if 'event' in rule -%}
      {%- do segment_event_relation(rule['event']) -%}
      {%- if 'unless_bought' in rule -%}
        {%- do ref('order_lines') -%}
      {%- endif -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}


{#-
  Why a member is in: each condition in words with the value seen, and the traits of `shows`. Where one of several
  conditions is enough, `met` says which are met; elsewhere all are.
-#}
{% macro segment_reason(nodes, shows, place) -%}
  {%- set conditions = [] -%}
  {%- for node in nodes if node.seen -%}
    {%- set words = ('not: ' if node.negated else '') ~ node.label -%}
    {%- set met = ("not " if node.negated else '') ~ node.sql -%}
    {%- do conditions.append(
      "jsonb_build_object('condition', " ~ segment_literal(words) ~ ", 'seen', " ~ node.seen
      ~ (", 'met', " ~ met if node.is_alternative else '') ~ ")"
    ) -%}
  {%- endfor -%}
  {%- set shown = ["'conditions', to_jsonb(cast(array[" ~ conditions | join(', ') ~ "] as jsonb []))"] -%}
  {%- for trait in shows -%}
    {%- do shown.append(segment_literal(trait) ~ ', ' ~ segment_trait(trait, {'shows': trait}, place, 'shows').seen) -%}
  {%- endfor -%}
jsonb_build_object({{ shown | join(', ') }})
{%- endmacro %}
