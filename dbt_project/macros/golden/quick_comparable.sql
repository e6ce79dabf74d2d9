{#- `comparable` of a value without spaces around it; plain ASCII, which most values are, needs no regular expression. -#}
{% macro quick_comparable(value) -%}
  case
    when octet_length({{ value }}) = length({{ value }}) and strpos({{ value }}, '  ') = 0 and {{ value }} !~ '[\t\n\r\f\v]'
      then lower({{ value }})
    else {{ comparable(value) }}
  end
{%- endmacro %}
