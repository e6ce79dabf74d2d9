{#-
  A rule as SQL over `traits` (a row of customer_features). Returns the condition; `nodes` receives, parents before
  children, one mapping per node of the tree:

  path ('1.2' is the second child of the root), depth, kind (all, any, not, trait, segment, event), label (in words), sql
  (true or false, never null), seen (jsonb; leaves only), join (what a left join needs, or none), negated and
  is_alternative (below a `not`, below an `any`).

  `asked` says for whom: `place` (named in errors) and `joined`: for all customers at once every event and segment is one
  join; for one customer (not joined) each leaf stands alone, and can be evaluated by itself. Of all segments together
  (segment_rule_members) `segment` is the one that is walked, and `kept` receives [segment, path] of the conditions that
  ask for events: they have been counted in segment_rule_events.
-#}
{% macro segment_walk(rule, path, is_alternative, asked, nodes, negated=false) -%}
  {%- set kind = segment_kind(rule, path, asked.place) -%}
  {%- set node = {
    'path': path, 'depth': path.split('.') | length - 1, 'kind': kind, 'seen': none, 'join': none,
    'negated': negated, 'is_alternative': is_alternative,
  } -%}
  {%- do nodes.append(node) -%}
  {%- if kind in ['all', 'any'] -%}
    {%- set parts = [] -%}
    {%- for child in rule[kind] -%}
      {#- "Not all of" is one of several; so the two change places below a `not`. -#}
      {%- set below = is_alternative or (kind == 'any') != negated -%}
      {%- do parts.append(segment_walk(child, path ~ '.' ~ loop.index, below, asked, nodes, negated)) -%}
    {%- endfor -%}
    {%- do node.update({
      'label': 'all of' if kind == 'all' else 'at least one of',
      'sql': '(' ~ parts | join(' and ' if kind == 'all' else ' or ') ~ ')',
    }) -%}
  {%- elif kind == 'not' -%}
    {%- set part = segment_walk(rule['not'], path ~ '.1', is_alternative, asked, nodes, not negated) -%}
    {%- do node.update({'label': 'not', 'sql': '(not ' ~ part ~ ')'}) -%}
  {%- elif kind == 'trait' -%}
    {%- do node.update(segment_trait_leaf(rule, path, asked.place)) -%}
  {%- elif kind == 'segment' -%}
    {%- do node.update(segment_member_leaf(rule, path, asked)) -%}
  {%- else -%}
    {%- do node.update(segment_event_leaf(rule, path, asked)) -%}
  {%- endif -%}
  {%- if rule['label'] is string and rule['label'] | trim -%}
    {%- do node.update({'label': rule['label'] | trim}) -%}
  {%- endif -%}
  {{ return(node.sql) }}
{%- endmacro %}


{#- What a node of a rule is; anything else than exactly one kind, well formed, stops the run. -#}
{% macro segment_kind(rule, path, place) -%}
  {%- set kinds = ['all', 'any', 'not', 'trait', 'segment', 'event'] -%}
  {%- if rule is not mapping -%}
    {%- do segment_problem(place, path, rule, 'a condition is a mapping, such as {trait: order_count, at_least: 3}') -%}
  {%- endif -%}
  {%- set found = kinds | select('in', rule) | list -%}
  {%- if found | length != 1 -%}
    {%- do segment_problem(
      place, path, rule, 'a condition has exactly one of ' ~ kinds | join(', ')
      ~ '; this one has ' ~ (found | join(' and ') or 'none of them')
    ) -%}
  {%- endif -%}
  {%- set kind = found[0] -%}
  {%- if kind in ['all', 'any'] and (rule[kind] is string or rule[kind] is mapping or not rule[kind]) -%}
    {%- do segment_problem(place, path, rule, '"' ~ kind ~ '" takes a list of conditions, at least one') -%}
  {%- endif -%}
  {%- if kind in ['all', 'any', 'not', 'segment'] -%}
    {%- for word in rule if word not in [kind, 'label'] -%}
      {%- do segment_problem(place, path, rule, '"' ~ word ~ '" does not go with "' ~ kind ~ '"') -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(kind) }}
{%- endmacro %}


{#- `{segment: vip}`: the rule of that segment holds, whoever waits for support meanwhile. -#}
{% macro segment_member_leaf(rule, path, asked) -%}
  {%- set other = rule['segment'] -%}
  {%- if other not in segment_names() -%}
    {%- do segment_problem(asked.place, path, rule, segment_no_such('segment', other, segment_names())) -%}
  {%- endif -%}
  {%- if asked.kept is defined -%}
    {%- set node = segment_node(other) -%}
    {%- set within = dict(asked, segment=other, place=node.name) -%}
    {%- set sql = segment_walk(node.config.meta['rule'], '1', false, within, []) -%}
    {{ return({'label': 'is in ' ~ segment_label(other), 'sql': sql, 'seen': 'to_jsonb(' ~ sql ~ ')', 'join': none}) }}
  {%- endif -%}
  {%- set relation = ref('seg_' ~ other) | string -%}
  {%- set alias = 'member_' ~ path | replace('.', '_') -%}
  {%- set standing = 'exists (select 1 from ' ~ relation
    ~ ' as member where member.customer_id = traits.customer_id)' -%}
  {%- set sql = '(' ~ alias ~ '.customer_id is not null)' if asked.joined else standing -%}
  {{ return({
    'label': 'is in ' ~ segment_label(other),
    'sql': sql,
    'seen': 'to_jsonb(' ~ sql ~ ')',
    'join': relation ~ ' as ' ~ alias ~ ' on traits.customer_id = ' ~ alias ~ '.customer_id' if asked.joined else none,
  }) }}
{%- endmacro %}


{#- `{trait: order_count, at_least: 3}`: exactly one operator that suits the type of the trait. -#}
{% macro segment_trait_leaf(rule, path, place) -%}
  {%- set trait = segment_trait(rule['trait'], rule, place, path) -%}
  {%- set compared = segment_one_comparison(trait, rule, ['trait', 'label'], place, path) -%}
  {{ return({'label': trait.label ~ ': ' ~ compared.words, 'sql': compared.sql, 'seen': trait.seen}) }}
{%- endmacro %}


{#-
  A trait by its name: its SQL, its type class, its label (the first sentence of its description) and how its value is
  shown. A count of days is shown as the moment it counts from, so that a reason does not change every day.
-#}
{% macro segment_trait(name, rule, place, path) -%}
  {%- set columns = segment_columns('segments', 'customer_features') -%}
  {%- if name not in columns -%}
    {%- do segment_problem(place, path, rule, segment_no_such('trait', name, columns.keys() | list)) -%}
  {%- endif -%}
  {%- set column = columns[name] -%}
  {%- set since = name | replace('days_since_', '') ~ '_at' -%}
  {%- set shown = columns[since] if name.startswith('days_since_') and since in columns else column -%}
  {%- set seen = segment_seen('traits.' ~ shown.name, shown.data_type) -%}
  {%- set label = column.description.split('.')[0] | trim -%}
  {{ return({
    'name': name, 'sql': 'traits.' ~ name, 'class': segment_class(column.data_type), 'type': column.data_type, 'seen': seen,
    'label': label[:1] | lower ~ label[1:],
  }) }}
{%- endmacro %}


{#- A value as jsonb that is the same in every session: a moment would otherwise be told in the session's time zone. -#}
{% macro segment_seen(sql, data_type) -%}
  {%- set moment = data_type.startswith('timestamp') -%}
  {{ return('to_jsonb(' ~ (iso_timestamp(sql) if moment else sql) ~ ')') }}
{%- endmacro %}


{#-
  The columns of a model by name, with type and description, from its contract. A unit test knows no contracts; there the
  types are those of the table in the database, which the unit test needs in any case.
-#}
{% macro segment_columns(room, model_name) -%}
  {%- if graph.nodes is defined -%}
    {{ return(graph.nodes['model.' ~ project_name ~ '.' ~ model_name].columns) }}
  {%- endif -%}
  {%- set relation = api.Relation.create(
    database=target.database, schema=generate_schema_name(room, none), identifier=model_name
  ) -%}
  {%- set columns = {} -%}
  {%- for column in adapter.get_columns_in_relation(relation) -%}
    {%- set type = 'text[]' if column.data_type | upper == 'ARRAY' else column.data_type -%}
    {%- do columns.update({column.name: {'name': column.name, 'data_type': type, 'description': column.name}}) -%}
  {%- endfor -%}
  {{ return(columns) }}
{%- endmacro %}
