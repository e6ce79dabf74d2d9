{#- The operators that suit each class of type. -#}
{% macro segment_operators(class) -%}
  {{ return({
    'number': ['at_least', 'at_most', 'above', 'below', 'between', 'is', 'is_not', 'in', 'not_in', 'known'],
    'text': ['is', 'is_not', 'in', 'not_in', 'known'],
    'boolean': ['is', 'is_not', 'known'],
    'time': ['within_days', 'older_than_days', 'before', 'after', 'anniversary_within_days',
             'anniversary_this_month', 'known'],
    'list': ['includes', 'excludes', 'known'],
    'document': ['known'],
  }[class]) }}
{%- endmacro %}


{#- number, text, boolean, time, list or document: the class of a column's type in its contract. -#}
{% macro segment_class(data_type) -%}
  {%- set type = data_type | lower | trim -%}
  {%- if type.endswith('[]') -%}
    {{ return('list') }}
  {%- elif type.startswith('timestamp') or type == 'date' -%}
    {{ return('time') }}
  {%- elif type in ['text', 'boolean'] -%}
    {{ return(type) }}
  {%- elif type.startswith('json') -%}
    {{ return('document') }}
  {%- else -%}
    {{ return('number') }}
  {%- endif -%}
{%- endmacro %}


{#- The one operator of a leaf, applied to `subject` (sql, class, name, type): `sql`, and `words` for a label. -#}
{% macro segment_one_comparison(subject, rule, other_words, place, path) -%}
  {%- set operators = segment_operators(subject.class) -%}
  {%- set given = [] -%}
  {%- for word in rule if word not in other_words -%}
    {%- if word not in operators -%}
      {%- do segment_problem(
        place, path, rule, subject.name ~ ' is a ' ~ subject.class ~ ', which takes one of ' ~ operators | join(', ')
        ~ '; "' ~ word ~ '" is none of them'
      ) -%}
    {%- endif -%}
    {%- do given.append(word) -%}
  {%- endfor -%}
  {%- if given | length != 1 -%}
    {%- do segment_problem(
      place, path, rule, subject.name ~ ' needs exactly one of ' ~ operators | join(', ')
      ~ '; two bounds are {between: [2, 5]}, or two conditions'
    ) -%}
  {%- endif -%}
  {%- set value = rule[given[0]] -%}
  {%- set problem = segment_value_problem(subject.class, given[0], value) -%}
  {%- if problem -%}
    {%- do segment_problem(place, path, rule, '"' ~ given[0] ~ '" takes ' ~ problem) -%}
  {%- endif -%}
  {{ return(segment_comparison(subject, given[0], value)) }}
{%- endmacro %}


{#- What the operator takes, when `value` is not it; nothing when it is. -#}
{% macro segment_value_problem(class, operator, value) -%}
  {%- set is_list = value is sequence and value is not string and value is not mapping -%}
  {%- set is_number = value is number and value is not boolean -%}
  {%- if operator == 'known' or class == 'boolean' -%}
    {{ return(none if value is boolean else 'true or false') }}
  {%- elif operator == 'anniversary_this_month' -%}
    {{ return(none if value is boolean and value else 'true') }}
  {%- elif operator in ['within_days', 'older_than_days', 'anniversary_within_days'] -%}
    {{ return(none if is_number and value is integer and value >= 0 else 'a whole number of days, 0 or more') }}
  {%- elif operator in ['before', 'after'] -%}
    {%- set is_date = value is string and modules.re.fullmatch('\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])', value) -%}
    {{ return(none if is_date else 'a date in quotes, such as "2026-01-31"') }}
  {%- elif operator == 'between' -%}
    {%- set fits = is_list and value | length == 2 and value | reject('boolean') | select('number') | list | length == 2 -%}
    {{ return(none if fits and value[0] <= value[1] else 'two numbers, the smaller first: [2, 5]') }}
  {%- elif class == 'number' and operator in ['in', 'not_in'] -%}
    {%- set fits = is_list and value and value | reject('boolean') | select('number') | list | length == value | length -%}
    {{ return(none if fits else 'a list of numbers: [1, 2]') }}
  {%- elif class == 'number' -%}
    {{ return(none if is_number else 'a number') }}
  {%- elif operator in ['in', 'not_in'] -%}
    {%- set fits = is_list and value and value | select('string') | list | length == value | length -%}
    {{ return(none if fits else 'a list of words: [one, other]') }}
  {%- elif operator in ['includes', 'excludes'] -%}
    {%- set words = value if is_list else [value] -%}
    {%- set fits = words and words | select('string') | list | length == words | length -%}
    {{ return(none if fits else 'a word, or a list of words of which any counts') }}
  {%- else -%}
    {{ return(none if value is string else 'a word, in quotes if it looks like a number') }}
  {%- endif -%}
{%- endmacro %}


{#-
  One comparison as SQL that is true or false, never null. What is not known meets no condition but those that deny
  (`is_not`, `not_in`, `excludes`, `known: false`). Words are compared whatever their case; days are 24 hours back from
  as_of(), the edge included; anniversaries are of the calendar in UTC, 29 February on the 28th in other years.
-#}
{% macro segment_comparison(subject, operator, value) -%}
  {%- set sql = subject.sql -%}
  {%- if subject.class == 'time' and operator != 'known' -%}
    {{ return(segment_time_comparison(subject, operator, value)) }}
  {%- endif -%}
  {%- set is_text = subject.class in ['text', 'list'] -%}
  {%- set values = value if value is sequence and value is not string else [value] -%}
  {%- set literals = [] -%}
  {%- for one in values -%}
    {%- do literals.append('lower(' ~ segment_literal(one) ~ ')' if is_text and one is string else one | string | lower) -%}
  {%- endfor -%}
  {%- set listed = literals | join(', ') -%}
  {%- set folded = 'lower(' ~ sql ~ ')' if subject.class == 'text' else sql -%}
  {%- set shared = 'exists (select 1 from unnest(' ~ sql ~ ') as one (word) where lower(one.word) in (' ~ listed ~ '))' -%}
  {%- set has_content = {
    'list': 'coalesce(cardinality(' ~ sql ~ ') > 0, false)',
    'document': "coalesce(" ~ sql ~ " not in (cast('[]' as jsonb), cast('{}' as jsonb), cast('null' as jsonb)), false)",
  }.get(subject.class, '(' ~ sql ~ ' is not null)') -%}
  {%- set told = values | join(', ') -%}
  {{ return({
    'at_least': {'sql': 'coalesce(' ~ sql ~ ' >= ' ~ listed ~ ', false)', 'words': 'at least ' ~ told},
    'at_most': {'sql': 'coalesce(' ~ sql ~ ' <= ' ~ listed ~ ', false)', 'words': 'at most ' ~ told},
    'above': {'sql': 'coalesce(' ~ sql ~ ' > ' ~ listed ~ ', false)', 'words': 'above ' ~ told},
    'below': {'sql': 'coalesce(' ~ sql ~ ' < ' ~ listed ~ ', false)', 'words': 'below ' ~ told},
    'between': {
      'sql': 'coalesce(' ~ sql ~ ' between ' ~ literals | join(' and ') ~ ', false)',
      'words': 'from ' ~ values | join(' to '),
    },
    'is': {'sql': 'coalesce(' ~ folded ~ ' = ' ~ listed ~ ', false)', 'words': 'is ' ~ told | lower
      if subject.class == 'boolean' else 'is ' ~ told},
    'is_not': {'sql': '(' ~ folded ~ ' is distinct from ' ~ listed ~ ')', 'words': 'is not ' ~ told},
    'in': {'sql': 'coalesce(' ~ folded ~ ' in (' ~ listed ~ '), false)', 'words': 'one of ' ~ told},
    'not_in': {'sql': 'coalesce(' ~ folded ~ ' not in (' ~ listed ~ '), true)', 'words': 'none of ' ~ told},
    'known': {'sql': has_content if value else '(not ' ~ has_content ~ ')', 'words': 'known' if value else 'not known'},
    'includes': {'sql': shared, 'words': 'includes ' ~ values | join(' or ')},
    'excludes': {'sql': '(not ' ~ shared ~ ')', 'words': 'without ' ~ values | join(' and without ')},
  }[operator]) }}
{%- endmacro %}


{#- The same of a date or a moment. -#}
{% macro segment_time_comparison(subject, operator, value) -%}
  {%- set sql = subject.sql -%}
  {%- set now = as_of() -%}
  {%- set is_date = subject.type == 'date' -%}
  {%- set day = 'cast(' ~ sql ~ ' as timestamp)' if is_date else '(' ~ sql ~ " at time zone 'UTC')" -%}
  {%- set today = 'cast((' ~ now ~ " at time zone 'UTC') as date)" -%}
  {%- set years = "(extract(year from " ~ today ~ ") - extract(year from " ~ day ~ "))" -%}
  {%- set birthday = 'cast(' ~ day ~ " + " ~ years ~ " * interval '1 year' as date)" -%}
  {%- set next_birthday = 'cast(' ~ day ~ " + (" ~ years ~ " + 1) * interval '1 year' as date)" -%}
  {%- set moment = '(' ~ day ~ " at time zone 'UTC')" if is_date else sql -%}
  {%- set start = '(' ~ now ~ " - interval '" ~ value ~ " days')" -%}
  {{ return({
    'within_days': {
      'sql': 'coalesce(' ~ moment ~ ' between ' ~ start ~ ' and ' ~ now ~ ', false)',
      'words': 'within the last ' ~ value ~ ' days',
    },
    'older_than_days': {
      'sql': 'coalesce(' ~ moment ~ ' < ' ~ start ~ ', false)', 'words': 'more than ' ~ value ~ ' days ago',
    },
    'before': {'sql': 'coalesce(' ~ day ~ " < date '" ~ value ~ "', false)", 'words': 'before ' ~ value},
    'after': {'sql': 'coalesce(' ~ day ~ " >= date '" ~ value ~ "' + 1, false)", 'words': 'after ' ~ value},
    'anniversary_within_days': {
      'sql': 'coalesce(case when ' ~ birthday ~ ' >= ' ~ today ~ ' then ' ~ birthday ~ ' else ' ~ next_birthday
        ~ ' end - ' ~ today ~ ' <= ' ~ value ~ ', false)',
      'words': 'anniversary within the next ' ~ value ~ ' days',
    },
    'anniversary_this_month': {
      'sql': 'coalesce(extract(month from ' ~ day ~ ') = extract(month from ' ~ today ~ '), false)',
      'words': 'anniversary this month',
    },
  }[operator]) }}
{%- endmacro %}
