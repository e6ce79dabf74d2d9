{#-
  The columns that every source's touchpoints have, in one order: the expressions given by name, a null of the right
  type for the rest, so that a source says only what it knows.
-#}
{% macro touchpoint_columns(given) -%}
    {%- set types = {
        'interaction_id': 'text', 'record_id': 'text', 'occurred_at': 'timestamptz', 'channel': 'text', 'kind': 'text',
        'direction': 'text', 'subject': 'text', 'body': 'text', 'amount': 'numeric(18, 2)', 'currency': 'text',
        'quantity': 'numeric(18, 3)', 'sentiment': 'numeric(4, 3)', 'rating': 'numeric(4, 3)', 'rating_scale': 'text',
        'source': 'text', 'reference_id': 'text', 'source_thread_id': 'text', 'case_id': 'text', 'order_id': 'text',
        'order_number': 'text', 'is_open_case': 'boolean', 'first_reply_at': 'timestamptz', 'topic': 'text',
        'team': 'text', 'agent': 'text', 'product_id': 'text', 'product_title': 'text', 'category': 'text',
        'campaign': 'text', 'outcome': 'text', 'wait_seconds': 'numeric(12, 3)', 'handle_seconds': 'numeric(12, 3)',
        'session_id': 'text',
    } -%}
    {%- for name in given if name not in types -%}
        {{ exceptions.raise_compiler_error("touchpoint_columns: the timeline has no column '" ~ name ~ "'") }}
    {%- endfor -%}
    {%- for name, type in types.items() %}
    cast({{ given.get(name, 'null') }} as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- The first line of what was written, cut to what a line of a timeline holds. -#}
{% macro short_subject(text) -%}
    case
        when length(split_part(ltrim({{ text }}), chr(10), 1)) <= 100
            then nullif(rtrim(split_part(ltrim({{ text }}), chr(10), 1)), '')
        else rtrim(left(split_part(ltrim({{ text }}), chr(10), 1), 99)) || '…'
    end
{%- endmacro %}

{#- An answer on its own scale as 0 (worst) to 1 (best); null when it is not on the scale. -#}
{% macro normalised_rating(rating, scale) -%}
    case
        when {{ scale }} = 'csat_5' and {{ rating }} between 1 and 5 then ({{ rating }} - 1) / 4
        when {{ scale }} = 'csat_10' and {{ rating }} between 1 and 10 then ({{ rating }} - 1) / 9
        when {{ scale }} = 'nps' and {{ rating }} between 0 and 10 then {{ rating }} / 10
        when {{ scale }} = 'thumbs' and {{ rating }} in (0, 1) then {{ rating }}
    end
{%- endmacro %}

{#-
  The number of an order as it is compared: without #, spaces and case. People leave them out, and no shop tells two
  orders apart by them.
-#}
{% macro order_number_key(number) -%}
    nullif(upper(regexp_replace({{ number }}, '[#[:space:]]', '', 'g')), '')
{%- endmacro %}

{#-
  Whether a touchpoint is one of talking: those make a conversation. The others (browsing, buying) attach to one. A walk
  into a store is talking, for somebody serves there.
-#}
{% macro is_communication(kind, channel) -%}
    (
        {{ kind }} in ('message', 'ticket', 'call', 'comment', 'mention', 'note', 'rating', 'survey', 'code')
        or ({{ kind }} = 'visit' and {{ channel }} = 'store')
    )
{%- endmacro %}

{#- Whether it is an approach to the other side, rather than a word about one (a rating, a note, a code). -#}
{% macro is_contact(kind) -%}
    {{ kind }} in ('message', 'ticket', 'call', 'comment', 'mention', 'visit')
{%- endmacro %}
