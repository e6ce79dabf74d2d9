{#- The kinds of event that a rule can count; a company adds the kinds of its own files by `segment_event_kinds`. -#}
{% macro segment_event_kinds() -%}
  {{ return([
    'order', 'order_line', 'checkout', 'return', 'ticket', 'message', 'note', 'rating', 'survey', 'comment', 'mention',
    'ad_click', 'visit', 'product_view', 'add_to_cart', 'call', 'points', 'code', 'campaign_response',
  ] + var('segment_event_kinds', [])) }}
{%- endmacro %}


{#- Where events of a kind are: sales and their lines in their own tables, everything else on the timeline. -#}
{% macro segment_event_relation(kind) -%}
  {{ return(ref({'order': 'orders', 'order_line': 'order_lines'}.get(kind, 'touchpoints')) | string) }}
{%- endmacro %}


{#-
  `{event: order_line, where: {category: Games}, within_days: 90, at_least: 1}`: how many events of a kind a customer has
  in a window, up to as_of(). Without an operator, one is enough. `unless_bought: product_id` (or `category`) leaves out
  events about what the customer has bought, ever.
-#}
{% macro segment_event_leaf(rule, path, asked) -%}
  {%- set kind = rule['event'] -%}
  {%- if kind not in segment_event_kinds() -%}
    {%- do segment_problem(asked.place, path, rule, segment_no_such('event', kind, segment_event_kinds())) -%}
  {%- endif -%}
  {%- set model_name = {'order': 'orders', 'order_line': 'order_lines'}.get(kind, 'touchpoints') -%}
  {%- set columns = segment_columns('marts', model_name) -%}
  {%- set moment = 'event.occurred_at' if model_name == 'touchpoints' else 'event.ordered_at' -%}
  {%- set filters = [
    'event.customer_id is not null',
    'event.kind = ' ~ segment_literal(kind) if model_name == 'touchpoints' else 'event.is_sale',
    moment ~ ' <= ' ~ as_of(),
  ] -%}
  {%- set relation = segment_event_relation(kind) -%}
  {%- if asked.touched is defined -%}
    {%- if model_name == 'touchpoints' -%}
      {%- set relation = 'touched' -%}
      {%- do asked.touched.append(kind) -%}
    {%- else -%}
      {%- do filters.append(only_changed('event.customer_id')) -%}
    {%- endif -%}
  {%- endif -%}
  {%- set words = [kind | replace('_', ' ') ~ 's'] -%}
  {%- set wanted = rule.get('where', {}) -%}
  {%- if wanted is not mapping -%}
    {%- do segment_problem(asked.place, path, rule, '"where" takes a mapping, such as {category: Games}') -%}
  {%- endif -%}
  {%- for name, value in wanted.items() -%}
    {%- if name not in columns -%}
      {%- do segment_problem(asked.place, path, rule, segment_no_such('column of ' ~ kind, name, columns.keys() | list)) -%}
    {%- endif -%}
    {%- set type = columns[name].data_type -%}
    {%- set subject = {'name': name, 'sql': 'event.' ~ name, 'class': segment_class(type), 'type': type} -%}
    {%- set is_list = value is sequence and value is not string and value is not mapping -%}
    {%- set simple = 'includes' if subject.class == 'list' else ('in' if is_list else 'is') -%}
    {%- set compared = segment_one_comparison(
      subject, value if value is mapping else {simple: value}, [], asked.place, path
    ) -%}
    {%- do filters.append(compared.sql) -%}
    {%- do words.append(name | replace('_', ' ') ~ ' ' ~ compared.words) -%}
  {%- endfor -%}
  {%- set at = {'name': 'the time of an event', 'sql': moment, 'class': 'time', 'type': 'timestamptz'} -%}
  {%- for operator in ['within_days', 'older_than_days'] if operator in rule -%}
    {%- set compared = segment_one_comparison(at, {operator: rule[operator]}, [], asked.place, path) -%}
    {%- do filters.append(compared.sql) -%}
    {%- do words.append(compared.words) -%}
  {%- endfor -%}
  {%- if 'unless_bought' in rule -%}
    {%- set shared = rule['unless_bought'] -%}
    {%- if shared not in ['product_id', 'category'] or shared not in columns -%}
      {%- do segment_problem(asked.place, path, rule, '"unless_bought" takes product_id or category, of an event that has one') -%}
    {%- endif -%}
    {%- do filters.append(
      'not exists (select 1 from ' ~ ref('order_lines') ~ ' as owned where owned.customer_id = event.customer_id and owned.'
      ~ shared ~ ' = event.' ~ shared ~ ' and owned.is_sale and owned.ordered_at <= ' ~ as_of() ~ ')'
    ) -%}
    {%- do words.append(shared | replace('_id', '') ~ ' never bought') -%}
  {%- endif -%}
  {%- set about = ['event', 'where', 'within_days', 'older_than_days', 'unless_bought', 'label'] -%}
  {%- set counted = {} -%}
  {%- for word in rule if word not in about -%}
    {%- do counted.update({word: rule[word]}) -%}
  {%- endfor -%}
  {%- set alias = 'event_' ~ path | replace('.', '_') -%}
  {%- if asked.kept is defined -%}
    {%- if [asked.segment, path] not in asked.kept -%}
      {%- do asked.kept.append([asked.segment, path]) -%}
    {%- endif -%}
    {%- set alias = 'event_' ~ asked.kept.index([asked.segment, path]) -%}
  {%- endif -%}
  {%- set source = relation ~ ' as event where ' ~ filters | join(' and ') -%}
  {%- set own = source ~ ' and event.customer_id = traits.customer_id' -%}
  {%- set times = 'coalesce(' ~ alias ~ '.times, 0)' if asked.joined else '(select count(*) from ' ~ own ~ ')' -%}
  {%- set compared = segment_one_comparison(
    {'name': 'a number of events', 'sql': times, 'class': 'number', 'type': 'bigint'}, counted or {'at_least': 1}, [], asked.place, path
  ) -%}
  {%- set aggregates = segment_event_aggregates(moment, columns) -%}
  {%- set all_customers = 'select event.customer_id, ' ~ aggregates ~ ' as seen, count(*) as times from ' ~ source
    ~ ' group by event.customer_id' -%}
  {{ return({
    'label': words | join(', ') ~ ': ' ~ compared.words,
    'sql': compared.sql,
    'seen': 'coalesce(' ~ alias ~ ".seen, jsonb_build_object('times', 0))" if asked.joined
      else '(select ' ~ aggregates ~ ' from ' ~ own ~ ')',
    'join': '(' ~ all_customers ~ ') as ' ~ alias ~ ' on traits.customer_id = ' ~ alias ~ '.customer_id' if asked.joined else none,
    'events': all_customers,
  }) }}
{%- endmacro %}


{#- What is told of the events that were counted: how many, the last one, and which products where they have some. -#}
{% macro segment_event_aggregates(moment, columns) -%}
  {%- set parts = ["'times', count(*)", "'last_at', " ~ iso_timestamp('max(' ~ moment ~ ')')] -%}
  {%- set title = 'event.title' if 'title' in columns else 'event.product_title' -%}
  {%- if 'product_id' in columns -%}
    {%- do parts.append("'product_ids', array_agg(distinct event.product_id) filter (where event.product_id is not null)") -%}
    {%- do parts.append("'titles', array_agg(distinct " ~ title ~ ") filter (where " ~ title ~ ' is not null)') -%}
  {%- endif -%}
  {{ return('jsonb_strip_nulls(jsonb_build_object(' ~ parts | join(', ') ~ '))') }}
{%- endmacro %}
