{#-
  The body of every base model: the CTEs `found`, `judged` and `typed`, over a CTE `raw` with the columns of a raw
  stream.

  Each field is a dictionary:
    name      the column in staging
    path      where the value is in the payload, dotted: 'defaultAddress.city'
    each      instead of path: the same below every element of the lists on the way, for the types that are lists
    type      one of the types of `json_values.sql`; text when not given
    required  true when the row means nothing without it
    among     the only values that it may have, when they are few

  `typed` has record_key, the fields, and how the row fits:
    quarantine_reason    null when fit; else why the whole row stays out of staging
    quarantine_field     the field that the reason speaks of, when it is one
    value_problems       of a fit row: {column: reason} of the optional values that were left out
    quarantined_payload  the vendor's object, when any of these is set
-#}
{% macro typed_rows(fields) -%}
found as materialized (
    select
        record_key as _key,
        native_id as _id,
        payload as _payload,
        ingest_error as _error
        {%- for field in fields %},
        {{ find_field(field) }} as {{ field.name }}
        {%- endfor %}
    from raw
),

judged as materialized (
    select
        _key,
        _id,
        _payload,
        _error,
        jsonb_strip_nulls({{ problems_of(fields | selectattr('required', 'defined') | list) }}) as _row_problems,
        jsonb_strip_nulls({{ problems_of(fields | rejectattr('required', 'defined') | list) }}) as _value_problems
        {%- for field in fields %},
        {{ read_field(field) }} as {{ field.name }}
        {%- endfor %}
    from found
),

typed as (
    select
        _key as record_key
        {%- for field in fields %},
        {{ field.name }}
        {%- endfor %},
        case
            when _error is not null then _error
            when coalesce(jsonb_typeof(_payload), 'null') <> 'object' then 'the payload is not an object'
            when _id is null then 'the record has no id'
            when _row_problems <> '{}'
                then (
                    select string_agg(problem.value, '; ' order by problem.key)
                    from jsonb_each_text(_row_problems) as problem
                )
        end as quarantine_reason,
        case
            when _error is null and _id is not null and _row_problems <> '{}'
                then (select min(problem.key) from jsonb_each_text(_row_problems) as problem)
        end as quarantine_field,
        case
            when _error is null and _id is not null and _row_problems = '{}' then nullif(_value_problems, '{}')
        end as value_problems,
        case
            when _error is not null or _id is null or _row_problems <> '{}' or _value_problems <> '{}'
                then _payload
        end as quarantined_payload
    from judged
)
{%- endmacro %}

{#-
  The value at a field's path. When what should be an object on the way is none, the path leads nowhere and the value
  would pass for missing; so a mark takes its place that fits no type and says what was found.
-#}
{% macro find_field(field) -%}
    {%- set steps = (field.path or field.each).split('.') -%}
    {%- set value -%}
        {%- if field.each -%}
            jsonb_path_query_array(payload, 'lax $.{{ field.each }}')
        {%- else -%}
            payload #> '{{ "{" ~ steps | join(",") ~ "}" }}'
        {%- endif -%}
    {%- endset -%}
    {%- if steps | length == 1 -%}
        {{ value }}
    {%- else -%}
        case
            when jsonb_typeof(payload -> '{{ steps[0] }}') in ('string', 'number', 'boolean'{{ ", 'array'" if field.path }})
                then jsonb_build_object('found', jsonb_typeof(payload -> '{{ steps[0] }}') || ' at {{ steps[0] }}')
            else {{ value }}
        end
    {%- endif -%}
{%- endmacro %}

{#- One JSON object: the column's name and what is wrong with its value, null when nothing is. -#}
{% macro problems_of(fields) -%}
    jsonb_build_object(
        {%- for field in fields %}
        '{{ field.name }}', {{ field_problem(field) }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{#- Why a value does not fit, or null; in the vendor's words, and without the value, which may be personal. -#}
{% macro field_problem(field) -%}
    {%- set type = field.type | default('text') -%}
    {%- set place = field.path or field.each -%}
    case
        when coalesce({{ json_text(field.name) }}, '') = ''
            then {{ "'" ~ place ~ ": missing'" if field.required else 'null' }}
        when not {{ json_fits(field.name, type) }}
            then
                '{{ place }}: expected {{ json_expected(type) }}, found '
                || coalesce({{ field.name }} ->> 'found', jsonb_typeof({{ field.name }}))
        {%- if field.among %}
        when {{ json_text(field.name) }} not in {{ among_list(field) }}
            then '{{ place }}: expected one of {{ field.among | join(", ") }}'
        {%- endif %}
    end
{%- endmacro %}

{% macro read_field(field) -%}
    {%- set type = field.type | default('text') -%}
    {%- if field.among -%}
        case when {{ json_text(field.name) }} in {{ among_list(field) }} then {{ json_read(field.name, type) }} end
    {%- else -%}
        {{ json_read(field.name, type) }}
    {%- endif -%}
{%- endmacro %}

{% macro among_list(field) -%}
    ('{{ field.among | join("', '") }}')
{%- endmacro %}
