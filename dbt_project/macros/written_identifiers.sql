{#-
  The regular expressions by which `written_identifiers` reads free text. A number is only ever taken whole: what stands
  in a longer word, a date or a link is none.
-#}
{% macro written_email() -%}
    '(?<![a-z0-9._%+''-])([a-z0-9][a-z0-9._%+''-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})(?![a-z0-9@-])'
{%- endmacro %}

{#- `#1042`, `# BR-1042` -#}
{% macro marked_order_number() -%}
    '(?<![a-z0-9&/_#])#[[:space:]]?([a-z0-9]+(?:-[a-z0-9]+)*)'
{%- endmacro %}

{#-
  `order 1042`, `Order no. 1042`, `my order is 1042`, `Bestellung Nr. 1042`: four characters at least, for "order 2" is
  no number of one.
-#}
{% macro worded_order_number() -%}
    '\m(?:orders?|ordernumber|purchase|bestellung|bestellnummer|auftrag|commande|pedido|ordine|bestelling|encomenda)'
    '(?:[[:space:]]+(?:is|was|no|nr|num|number|nummer|numero|número|numéro|id|ref|reference)\M)*'
    '[[:space:].:,=-]*((?=[a-z-]*[0-9])[a-z0-9][a-z0-9-]{2,}[a-z0-9])(?![a-z0-9])'
{%- endmacro %}

{#- Amazon's: `113-1234567-7654321` -#}
{% macro marketplace_order_number() -%}
    '(?<![0-9-])([0-9]{3}-[0-9]{7}-[0-9]{7})(?![0-9-])'
{%- endmacro %}

{#- A number that looks like a phone's: with + or 00, with a leading 0 or bracket, or grouped 3-3-4. -#}
{% macro written_phone() -%}
    '(?<![0-9A-Za-z#_/.,:+-])((?:\+|00|0|\()[0-9][0-9 ()./-]{5,20}[0-9]|'
    '[2-9][0-9]{2}[ .-][0-9]{3}[ .-][0-9]{4})(?![0-9A-Za-z_/:-])'
{%- endmacro %}

{#- Any digits after a word for phone. -#}
{% macro announced_phone() -%}
    '\m(?:call|phone|tel|telephone|mobile|cell|my number|text|whatsapp|ring'
    '|telefon|handy|téléphone|teléfono|telefono)\M'
    '(?:[[:space:]]+(?:me|us|number|no|is|on|at|under|nummer))*'
    '[[:space:].:,=]*([1-9][0-9 ().-]{6,16}[0-9])(?![0-9A-Za-z_/:-])'
{%- endmacro %}

{#- Eight to fifteen digits (E.164 has no more), and no date. -#}
{% macro is_plausible_phone(number) -%}
    length(regexp_replace({{ number }}, '[^0-9]', '', 'g')) between 8 and 15
    and {{ number }} !~ '^[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}([^0-9]|$)'
    and {{ number }} !~ '^[0-9]{4}[./-][0-9]{1,2}[./-][0-9]{1,2}([^0-9]|$)'
{%- endmacro %}

{#- Digits alone, with + when the country is said; the optional (0) of `+44 (0)20` is none of them. -#}
{% macro comparable_phone(number) -%}
    regexp_replace(
        regexp_replace(regexp_replace({{ number }}, '^([+][^(]*)\(0\)', '\1'), '[^0-9+]', '', 'g'), '^00', '+'
    )
{%- endmacro %}
