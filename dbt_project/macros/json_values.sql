{#-
  Reading one JSON value safely, in plain SQL: Postgres 15 cannot ask whether a cast would fail, so each type says
  what it accepts (`json_fits`) before it is cast (`json_read`). Types: text, id, gid (Shopify's global ids and plain
  numbers), timestamp, date, birth_date, integer, amount, boolean, object, array,
  any (kept as JSON, for a field of more than one shape);
  and lists: texts, ids, gids, latest_timestamp (the latest of the list).
  Numbers and booleans written as text are read too, since a CSV has nothing else.
-#}

{% macro json_text(value) -%}
    btrim({{ value }} #>> '{}', e' \t\r\n')
{%- endmacro %}

{#- A day that exists in the calendar: months of 31, 30 and 28 days, and 29 February of leap years; no year 0. -#}
{% macro possible_day_pattern() -%}
    (?:(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)-02-29)
{%- endmacro %}

{#- ISO 8601 with Z, +00:00, +0000 (Salesforce and Meta) or +00; without an offset, or without a time, it is UTC. -#}
{% macro possible_time_pattern() -%}
    ^{{ possible_day_pattern() }}(?:[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::(?:[0-5][0-9]|60)(?:[.][0-9]{1,9})?)?(?:[Zz]|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)?)?$
{%- endmacro %}

{% macro json_fits(value, type) -%}
    {%- if type == 'text' -%}
        jsonb_typeof({{ value }}) = 'string'
    {%- elif type == 'id' -%}
        (jsonb_typeof({{ value }}) = 'string' or {{ value }} #>> '{}' ~ '^[0-9]+$')
    {%- elif type == 'gid' -%}
        {{ json_text(value) }} ~ '^(?:gid://shopify/[A-Za-z]+/)?[0-9]+(?:[?].*)?$'
    {%- elif type == 'timestamp' -%}
        {{ json_text(value) }} ~ '{{ possible_time_pattern() }}'
    {%- elif type == 'date' -%}
        {{ json_text(value) }} ~ '^{{ possible_day_pattern() }}$'
    {%- elif type == 'birth_date' -%}
        case
            when {{ json_fits(value, 'date') }} then cast({{ json_text(value) }} as date) <= cast({{ as_of() }} as date)
            else false
        end
    {%- elif type == 'integer' -%}
        {{ json_text(value) }} ~ '^[+-]?[0-9]{1,18}(?:[.]0+)?$'
    {%- elif type == 'amount' -%}
        {{ json_text(value) }} ~ '^[+-]?[0-9]{1,15}(?:[.][0-9]{1,15})?$'
    {%- elif type == 'boolean' -%}
        lower({{ json_text(value) }}) in ('true', 'false', 't', 'f', 'yes', 'no', 'y', 'n', '1', '0')
    {%- elif type in ('texts', 'ids', 'gids', 'latest_timestamp') -%}
        {{ json_list_fits(value, json_item_type(type) | trim) }}
    {%- elif type == 'any' -%}
        true
    {%- elif type in ('object', 'array') -%}
        jsonb_typeof({{ value }}) = '{{ type }}'
    {%- else -%}
        {{ exceptions.raise_compiler_error("json_fits knows no type '" ~ type ~ "'") }}
    {%- endif -%}
{%- endmacro %}

{% macro json_item_type(list_type) -%}
    {{ {'texts': 'text', 'ids': 'id', 'gids': 'gid', 'latest_timestamp': 'timestamp'}[list_type] }}
{%- endmacro %}

{#- A list whose every element fits, or is null. -#}
{% macro json_list_fits(value, item_type) -%}
    (
        jsonb_typeof({{ value }}) = 'array'
        and not exists (
            select 1
            from jsonb_array_elements(case when jsonb_typeof({{ value }}) = 'array' then {{ value }} end) as item
            where jsonb_typeof(item.value) <> 'null' and not {{ json_fits('item.value', item_type) }}
        )
    )
{%- endmacro %}

{#- The cast of a value that fits; null for one that is missing or does not fit. -#}
{% macro json_read(value, type) -%}
    {%- if type == 'any' -%}
        {{ value }}
    {%- elif type in ('object', 'array') -%}
        case when {{ json_fits(value, type) }} then {{ value }} end
    {%- elif type in ('texts', 'ids', 'gids') -%}
        case
            when {{ json_fits(value, type) }}
                then array(
                    select {{ json_read('item.value', json_item_type(type) | trim) }}
                    from jsonb_array_elements({{ value }}) with ordinality as item (value, place)
                    where coalesce({{ json_text('item.value') }}, '') <> ''
                    order by item.place
                )
        end
    {%- elif type == 'latest_timestamp' -%}
        case
            when {{ json_fits(value, type) }}
                then (
                    select max({{ json_read('item.value', 'timestamp') }})
                    from jsonb_array_elements({{ value }}) as item
                )
        end
    {%- else -%}
        case
            when {{ json_text(value) }} <> '' and {{ json_fits(value, type) }}
                then
                    {% if type == 'gid' -%}
                        substring({{ json_text(value) }} from '^(?:gid://shopify/[A-Za-z]+/)?([0-9]+)')
                    {%- elif type == 'timestamp' -%}
                        cast(
                            {{ json_text(value) }}
                            || case when {{ json_text(value) }} ~* ':.*(?:z|[+-][0-9:]+)$' then '' else ' UTC' end
                            as timestamptz
                        )
                    {%- elif type in ('date', 'birth_date') -%}
                        cast({{ json_text(value) }} as date)
                    {%- elif type == 'integer' -%}
                        cast(cast({{ json_text(value) }} as numeric) as bigint)
                    {%- elif type == 'amount' -%}
                        cast({{ json_text(value) }} as numeric)
                    {%- elif type == 'boolean' -%}
                        cast({{ json_text(value) }} as boolean)
                    {%- else -%}
                        {{ json_text(value) }}
                    {%- endif %}
        end
    {%- endif -%}
{%- endmacro %}

{#- What a person reads in the quarantine; never the value itself, which may be personal. -#}
{% macro json_expected(type) -%}
    {%- set words = {
        'text': 'text',
        'id': 'an id (text or a whole number)',
        'gid': 'a Shopify id',
        'timestamp': 'a possible ISO 8601 time',
        'date': 'a possible date (YYYY-MM-DD)',
        'birth_date': 'a possible date (YYYY-MM-DD) that is not in the future',
        'integer': 'a whole number',
        'amount': 'a number',
        'boolean': 'true or false',
        'texts': 'a list of texts',
        'ids': 'a list of ids',
        'gids': 'a list of Shopify ids',
        'latest_timestamp': 'possible ISO 8601 times',
        'object': 'an object',
        'array': 'a list',
        'any': 'anything',
    } -%}
    {{ words[type] }}
{%- endmacro %}
