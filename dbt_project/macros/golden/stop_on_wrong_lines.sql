{#-
  Stops the run when a query finds something wrong in a seed: columns `line` and `problem`. A person edits these files,
  and should read which line to look at, not a count of failures. Nothing is asked where the seed is no table: in unit
  tests, and before it was ever loaded.
-#}
{% macro stop_on_wrong_lines(seed, file, query) %}
  {%- if execute and not seed.is_cte and load_relation(seed) is not none -%}
    {%- set found = run_query(query).rows -%}
    {%- if found -%}
      {%- set lines = [] -%}
      {%- for row in found -%}
        {%- do lines.append(file ~ ' line ' ~ row[0] ~ ': ' ~ row[1]) -%}
      {%- endfor -%}
      {{ exceptions.raise_compiler_error(lines | join('\n') ~ '\nCorrect the file and run `dbt seed`, then build again.') }}
    {%- endif -%}
  {%- endif -%}
{% endmacro %}

{#- The lines of a seed with their number in the file: dbt loads them in their order, below one line of names. -#}
{% macro numbered_lines(seed) -%}
  (select row_number() over (order by ctid) + 1 as line, * from {{ seed }})
{%- endmacro %}
