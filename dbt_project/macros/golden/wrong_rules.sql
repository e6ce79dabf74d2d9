{#- What is wrong in the seeds that a person edits, line by line. Each query gives `line` and `problem`, in their order. -#}

{% macro wrong_survivorship_lines(lines, known) -%}
  select line, problem
  from (
    select
      line,
      case
        when attribute is null or btrim(attribute) = '' then 'it names no attribute'
        when attribute not in {{ word_list(known) }} and attribute !~ '^[a-z0-9]+_handle$'
          then 'attribute "' || attribute || '" is none that golden knows: {{ known | join(", ") }}'
        when count(*) over (partition by attribute) > 1 then 'attribute "' || attribute || '" has more than one line'
        when rule not in {{ word_list(survivorship_rule_names()) }}
          then 'rule "' || rule || '" is none of {{ survivorship_rule_names() | join(", ") }}'
        when lower(is_essential) not in ('true', 'false')
          then 'is_essential is "' || is_essential || '", not true or false'
        when lower(is_compared) not in ('true', 'false')
          then 'is_compared is "' || is_compared || '", not true or false'
        when unit !~ '^[a-z][a-z0-9_]*$' then 'unit "' || unit || '" is no name: small letters, digits and underscores'
        when (attribute in {{ word_list(identifier_attributes()) }} or attribute ~ '_handle$')
          and count(*) over (partition by coalesce(unit, attribute)) > 1
          then 'attribute "' || attribute || '" must be a unit of its own: a record may have several of them'
        when coalesce(rule, 'most_recent') <> first_value(coalesce(rule, 'most_recent')) over of_unit
          then 'unit "' || unit || '" is chosen by ' || coalesce(rule, 'most_recent') || ' here and by '
            || first_value(coalesce(rule, 'most_recent')) over of_unit || ' on line ' || first_value(line) over of_unit
            || ': its parts win together, so one rule must choose them all'
        when not bool_or(coalesce(lower(is_compared), 'true') = 'true') over (partition by coalesce(unit, attribute))
          then 'unit "' || coalesce(unit, attribute) || '" has no part with is_compared true, so nothing could be counted'
      end as problem
    from {{ lines }} as numbered
    window of_unit as (partition by coalesce(unit, attribute) order by line)
  ) as judged
  where problem is not null
  order by line
{%- endmacro %}


{% macro wrong_priority_lines(lines, rules, known) -%}
  select line, problem
  from (
    select
      line,
      case
        when source is null or entity is null then 'it names no source or no entity'
        when unit is null or unit <> '*' and unit not in {{ word_list(known) }} and unit !~ '^[a-z0-9]+_handle$'
          and not exists (select 1 from {{ rules }} as named where named.unit = numbered.unit)
          then 'unit "' || coalesce(unit, '') || '" is no unit of survivorship_rules.csv, and not * for all of them'
        when priority is null or priority !~ '^[0-9]{1,6}$'
          then 'priority "' || coalesce(priority, '') || '" is no whole number; the smaller, the sooner believed'
        when count(*) over (partition by unit, source, entity) > 1
          then 'unit, source and entity have more than one line'
      end as problem
    from {{ lines }} as numbered
  ) as judged
  where problem is not null
  order by line
{%- endmacro %}


{% macro wrong_consent_lines(lines) -%}
  {%- set fields = [] -%}
  {%- for source, field in consent_fields() -%}{%- do fields.append(source ~ '.' ~ field) -%}{%- endfor -%}
  select line, problem
  from (
    select
      line,
      case
        when source || '.' || field not in {{ word_list(fields) }} or source is null or field is null
          then 'field "' || coalesce(source, '') || '.' || coalesce(field, '') || '" is none of {{ fields | join(", ") }}'
        when channel is null or channel not in {{ word_list(consent_channels()) }}
          then 'channel "' || coalesce(channel, '') || '" is none of {{ consent_channels() | join(", ") }}'
        when purpose is null or purpose not in {{ word_list(consent_purposes()) }}
          then 'purpose "' || coalesce(purpose, '') || '" is none of {{ consent_purposes() | join(", ") }}'
        when state is null or state not in ('granted', 'denied', 'unknown')
          then 'state "' || coalesce(state, '') || '" is none of granted, denied, unknown'
        when stated is null then 'it names no word of the source'
        when count(*) over (partition by source, field, stated, channel, purpose) > 1
          then 'the word "' || stated || '" has more than one line for ' || channel || ' and ' || purpose
      end as problem
    from {{ lines }} as numbered
  ) as judged
  where problem is not null
  order by line
{%- endmacro %}
