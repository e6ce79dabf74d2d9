{#-
  What the last run left in segment_last_run, which is written after the history: kind, key, value; nothing on the first
  run. It is read by its name, as a table reads itself: a ref would be a circle.
-#}
{% macro segment_last_run(history) -%}
  {%- set relation = adapter.get_relation(history.database, history.schema, 'segment_last_run') if execute -%}
  {%- if relation and is_incremental() -%}
select kind, key, value from {{ relation }}
  {%- else -%}
select cast(null as text) as kind, cast(null as text) as key, cast(null as text) as value where false
  {%- endif -%}
{%- endmacro %}


{#-
  The times in a segment that may still change: those that go on, and those that ended at this very moment, of which a
  repeated run may think better.
-#}
{% macro segment_open_times(history) -%}
  {%- if is_incremental() -%}
select segment, customer_id, entered_at, left_at, entered_because
from {{ history }}
where left_at is null or left_at = {{ as_of() }}
  {%- else -%}
select
    cast(null as text) as segment,
    cast(null as text) as customer_id,
    cast(null as timestamptz) as entered_at,
    cast(null as timestamptz) as left_at,
    cast(null as text) as entered_because
where false
  {%- endif -%}
{%- endmacro %}


{#- Whether this run is not before the last one that the history knows of. -#}
{% macro segment_is_latest_run(history) -%}
  {%- if is_incremental() -%}
{{ as_of() }} >= coalesce((select max(greatest(entered_at, left_at)) from {{ history }}), '-infinity')
  {%- else -%}
true
  {%- endif -%}
{%- endmacro %}
