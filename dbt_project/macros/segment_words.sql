{#- Stop the run: which model, which condition, what is wrong with it. -#}
{% macro segment_problem(place, path, rule, message) -%}
  {%- set told = '' if rule is none else ' ' ~ (rule if rule is string else (tojson(rule) or '')) | truncate(200) -%}
  {{ exceptions.raise_compiler_error('the rule of ' ~ place ~ ', condition ' ~ path ~ told ~ ': ' ~ message) }}
{%- endmacro %}


{% macro segment_no_such(what, word, known) -%}
  {%- set near = segment_nearest(word | string, known) -%}
  {{ return('there is no ' ~ what ~ ' "' ~ word ~ '"'
    ~ ('; the nearest are ' ~ near | join(', ') if near else '; docs/segments.md says what there is')) }}
{%- endmacro %}


{#- The words most like one that was misspelt, at most three: by the pairs of letters that they share (Dice 1945). -#}
{% macro segment_nearest(word, known) -%}
  {%- set pairs = segment_pairs(word) -%}
  {%- set scored = [] -%}
  {%- for candidate in known | sort -%}
    {%- set others = segment_pairs(candidate) -%}
    {%- set common = pairs | select('in', others) | list | length -%}
    {%- set score = 2 * common / (pairs | length + others | length) -%}
    {%- if score >= 0.3 -%}
      {%- do scored.append([score, candidate]) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return((scored | sort(attribute='0', reverse=true))[:3] | map(attribute=1) | list) }}
{%- endmacro %}


{% macro segment_pairs(word) -%}
  {%- set padded = ' ' ~ word | lower ~ ' ' -%}
  {%- set pairs = [] -%}
  {%- for start in range(padded | length - 1) -%}
    {%- do pairs.append(padded[start:start + 2]) -%}
  {%- endfor -%}
  {{ return(pairs | unique | list) }}
{%- endmacro %}


{#- Text as an SQL literal. A run asks for thousands: dbt's own macros for it, which ask which database it is, take long. -#}
{% macro segment_literal(text) -%}
  {{ return("'" ~ text | string | replace("'", "''") ~ "'") }}
{%- endmacro %}


{#- The label of a segment, from the meta of its model; its name where that cannot be found. -#}
{% macro segment_label(segment) -%}
  {%- set node = graph.get('nodes', {}).get('model.' ~ project_name ~ '.seg_' ~ segment) -%}
  {{ return(node.config.meta.get('label', segment) if node else segment) }}
{%- endmacro %}
