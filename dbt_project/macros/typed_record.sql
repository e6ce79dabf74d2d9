{#-
  The body of the base model of a stream whose payload Braid wrote itself: flat, in canonical names, every value a text,
  or a list of texts. Such a payload is unpacked in one go, which is several times as fast as looking up each field
  (`typed_rows`), and matters with millions of rows. The CTEs `found`, `parsed` and `typed`, over a CTE `raw`.

  Each field is a dictionary:
    name      the column, and the member of the payload
    type      text (when not given), word (in lower case), timestamp, number, seconds (0 or more), share (-1 to 1),
              flag (true when the payload says so), texts
    required  true when the row means nothing without it
    among     the only values that it may have

  `rules` are further {column: {'fails': condition, 'reason': words}} about values that fit by themselves.
  `typed` has what `typed_rows` has.
-#}
{% macro typed_record(fields, rules={}) -%}
{%- set judged = fields | selectattr('type', 'defined') | selectattr('type', 'in', judged_types()) | list
    + fields | selectattr('among', 'defined') | list -%}
found as (
    select
        raw.record_key,
        raw.native_id,
        raw.ingest_error,
        raw.payload
        {%- for field in fields %},
        members.{{ field.name }}
        {%- endfor %}
    from raw
    cross join lateral jsonb_to_record(
        case when jsonb_typeof(raw.payload) = 'object' then raw.payload else '{}' end
    ) as members (
        {%- for field in fields %}
        {{ field.name }} {{ 'jsonb' if field.type == 'texts' else 'text' }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
),

-- `offset 0`: without it the planner would put the expressions into each of the places that ask for their result.
parsed as (
    select
        record_key,
        native_id,
        ingest_error,
        payload
        {%- for field in fields %},
        {{ parse_text(field) }} as {{ field.name }}
        {%- if field in judged %},
        {{ field.name }} as said_{{ field.name }}
        {%- endif %}
        {%- endfor %}
    from found
    offset 0
),

judged as (
    select
        *,
        case
            when ingest_error is not null then ingest_error
            when coalesce(jsonb_typeof(payload), 'null') <> 'object' then 'the payload is not an object'
            when native_id is null then 'the record has no id'
            {%- set required = fields | selectattr('required', 'defined') | sort(attribute='name') | list %}
            else nullif(concat_ws(
                '; '
                {%- for field in required %},
                {{ text_problem(field) }}
                {%- endfor %}
            ), '')
        end as quarantine_reason,
        case
            when ingest_error is not null or native_id is null then null
            {%- for field in required %}
            when {{ field.name }} is null then '{{ field.name }}'
            {%- endfor %}
        end as quarantine_field,
        case
            when
                {% for field in judged if not field.required -%}
                ({{ field.name }} is null and {{ said(field) }} is not null) or {% endfor -%}
                {%- for name in rules %}
                coalesce({{ rules[name].fails }}, false) {{ 'or ' if not loop.last }}
                {%- else %}
                false
                {%- endfor %}
                then jsonb_strip_nulls(jsonb_build_object(
                    {%- for field in judged if not field.required %}
                    '{{ field.name }}', {{ text_problem(field, rules.get(field.name)) }}{{ ',' if not loop.last }}
                    {%- endfor %}
                ))
        end as problems_of_values
    from parsed
    offset 0
),

typed as (
    select
        record_key
        {%- for field in fields %},
        {% if field.name in rules -%}
        case when not coalesce({{ rules[field.name].fails }}, false) then {{ field.name }} end as {{ field.name }}
        {%- else -%}
        {{ field.name }}
        {%- endif %}
        {%- endfor %},
        quarantine_reason,
        case when quarantine_reason is not null then quarantine_field end as quarantine_field,
        case when quarantine_reason is null then problems_of_values end as value_problems,
        case
            when quarantine_reason is not null or problems_of_values is not null then payload
        end as quarantined_payload
    from judged
)
{%- endmacro %}

{#- The types that a text may fail to be. -#}
{% macro judged_types() -%}
    {{ return(['timestamp', 'number', 'seconds', 'share', 'texts']) }}
{%- endmacro %}

{#- What the payload said: an empty list is nothing. -#}
{% macro said(field) -%}
    {{ "nullif(said_" ~ field.name ~ ", '[]')" if field.type == 'texts' else 'said_' ~ field.name }}
{%- endmacro %}

{#- The value of a text that fits its type; null for one that does not. -#}
{% macro parse_text(field) -%}
    {%- set name = field.name -%}
    {%- if field.among -%}
        case when lower({{ name }}) in ('{{ field.among | join("', '") }}') then lower({{ name }}) end
    {%- elif field.type == 'word' -%}
        lower({{ name }})
    {%- elif field.type == 'timestamp' -%}
        case
            when {{ name }} ~ '{{ possible_time_pattern() }}'
                then cast({{ name }} || case when {{ name }} ~* ':.*(?:z|[+-][0-9:]+)$' then '' else ' UTC' end as timestamptz)
        end
    {%- elif field.type == 'number' -%}
        case when {{ name }} ~ '^[+-]?[0-9]{1,15}(?:[.][0-9]{1,15})?$' then cast({{ name }} as numeric) end
    {%- elif field.type == 'seconds' -%}
        case when {{ name }} ~ '^[+]?[0-9]{1,9}(?:[.][0-9]{1,15})?$' then cast({{ name }} as numeric) end
    {%- elif field.type == 'share' -%}
        case when {{ name }} ~ '^[+-]?(?:0(?:[.][0-9]{1,15})?|1(?:[.]0{1,15})?)$' then cast({{ name }} as numeric) end
    {%- elif field.type == 'flag' -%}
        coalesce({{ name }} = 'true', false)
    {%- elif field.type == 'texts' -%}
        case
            when jsonb_typeof({{ name }}) = 'array' and {{ name }} <> '[]'
                then array(select entry.value from jsonb_array_elements_text({{ name }}) as entry)
        end
    {%- else -%}
        {{ name }}
    {%- endif -%}
{%- endmacro %}

{#- What a person reads in the quarantine; never the value itself, which may be personal. -#}
{% macro text_problem(field, rule=none) -%}
    {%- set words = {
        'timestamp': 'a possible ISO 8601 time', 'number': 'a number', 'seconds': 'a number of seconds, not below 0',
        'share': 'a number from -1 to 1', 'texts': 'a list of texts',
    } -%}
    case
        {%- if field.required %}
        when {{ 'said_' ~ field.name if field.type in judged_types() else field.name }} is null then '{{ field.name }}: missing'
        {%- endif %}
        {%- if field.among %}
        when {{ field.name }} is null and said_{{ field.name }} is not null
            then '{{ field.name }}: expected one of {{ field.among | join(", ") }}'
        {%- elif field.type in words %}
        when {{ field.name }} is null and {{ said(field) }} is not null
            then '{{ field.name }}: expected {{ words[field.type] }}'
        {%- endif %}
        {%- if rule %}
        when {{ rule.fails }} then '{{ field.name }}: {{ rule.reason }}'
        {%- endif %}
    end
{%- endmacro %}
