{#-
  The columns of `identity/contract.py` in its order: the expressions given by name, a null of the right type for the
  rest, so that a source says only what it knows.
-#}
{% macro identity_columns(given) -%}
    {%- set types = {
        'record_id': 'text', 'source': 'text', 'entity': 'text', 'native_id': 'text', 'full_name': 'text',
        'given_name': 'text', 'family_name': 'text', 'former_family_names': 'text []', 'emails': 'text []',
        'phones': 'text []', 'handles': 'text []', 'external_ids': 'text []', 'street': 'text', 'city': 'text',
        'region': 'text', 'postcode': 'text', 'country': 'text', 'birth_date': 'date', 'birth_place': 'text',
        'occupation': 'text', 'organisation': 'text', 'language': 'text', 'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    } -%}
    {%- for name in given if name not in types -%}
        {{ exceptions.raise_compiler_error("identity_columns: the contract has no column '" ~ name ~ "'") }}
    {%- endfor -%}
    {%- for name, type in types.items() %}
    {% if name in given -%}
        {{ given[name] }} as {{ name }}
    {%- elif type == 'text []' -%}
        cast('{}' as text []) as {{ name }}
    {%- else -%}
        cast(null as {{ type }}) as {{ name }}
    {%- endif -%}
    {{ ',' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- The values that are not null, each once, in an order that does not hang on the database's language. -#}
{% macro distinct_texts(values) -%}
    array(
        select distinct item.value collate "C" as entry
        from unnest({{ values }}) as item (value)
        where item.value <> ''
        order by entry
    )
{%- endmacro %}

{#- "<platform>:<name>" of social accounts, in lower case, without the at sign; a platform without a name is none. -#}
{% macro distinct_handles(values) -%}
    array(
        select distinct handle.value collate "C" as entry
        from unnest({{ values }}) as item (value)
        cross join lateral (select lower(regexp_replace(item.value, ':[@[:space:]]+', ':')) as value) as handle
        where handle.value ~ ':.'
        order by entry
    )
{%- endmacro %}

{#- The language of a locale: 'en' of 'en-US'. -#}
{% macro language_of(locale) -%}
    nullif(lower(split_part(replace({{ locale }}, '_', '-'), '-', 1)), '')
{%- endmacro %}

{#- The record that the help desk's external id names: a whole record id, or a number of the system it is kept for. -#}
{% macro external_record_id(external_id) -%}
    case
        when {{ external_id }} ~ '^[a-z_]+:[a-z_]+:.+$' then {{ external_id }}
        {%- if var('zendesk_external_id_of') %}
        when {{ external_id }} ~ '^[0-9]+$' then '{{ var("zendesk_external_id_of") }}:' || {{ external_id }}
        {%- endif %}
    end
{%- endmacro %}
