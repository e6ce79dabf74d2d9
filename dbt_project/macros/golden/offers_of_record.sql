{#-
  The offers of one row of `records`, one per unit: the parts it has, what they say together, and how well they are
  written. For a lateral join, so that nothing large is grouped or sorted.
-#}
{% macro offers_of_record(rules) -%}
  select
      rules.unit,
      min(rules.rule) as rule,
      count(*) filter (where rules.is_essential) = min(rules.essential_count) as is_whole,
      count(*) as part_count,
      sum(length(parts.value)) as total_length,
      bool_and(
          parts.value not in (lower(parts.value), upper(parts.value))
          or lower(parts.value) = upper(parts.value)
      ) as is_tidy,
      sum(
          case
              when octet_length(parts.value) = length(parts.value) then 0
              else
                  length(regexp_replace(normalize(parts.value, nfkd), '\s+', ' ', 'g'))
                  - length(parts.comparable)
          end
      ) as accent_count,
      string_agg(parts.comparable, ' ' order by parts.position) filter (where rules.is_compared)
          as comparable,
      array_agg(parts.attribute order by parts.position) as attributes,
      array_agg(parts.value order by parts.position) as part_values,
      array_agg(parts.comparable order by parts.position) as part_comparables
  from (
      select
          offered.position,
          offered.attribute,
          offered.value,
          {{ quick_comparable('offered.value') }} as comparable
      from (
          values
          {%- for attribute in described_attributes() %}
              (
                  {{ loop.index }}, '{{ attribute }}',
                  {%- if attribute in ('birth_date', 'member_since') %}
                  to_char(records.{{ attribute }}, 'YYYY-MM-DD')
                  {%- elif attribute == 'loyalty_points' %}
                  cast(trim_scale(records.{{ attribute }}) as text)
                  {%- else %}
                  records.{{ attribute }}
                  {%- endif %}
              ){{ ',' if not loop.last }}
          {%- endfor %}
      ) as offered (position, attribute, value)
      where offered.value is not null
  ) as parts
  inner join {{ rules }} as rules on parts.attribute = rules.attribute
  group by rules.unit
{%- endmacro %}
