-- How each attribute is chosen: the seed survivorship_rules, checked, with a default for what it does not name.
-- One row per attribute. A wrong line of either seed stops the run and is named.
{%- set seed = ref('survivorship_rules') %}
{%- set priorities = ref('source_priorities') %}
{%- set known = described_attributes() + identifier_attributes() %}
{%- do stop_on_wrong_lines(seed, 'survivorship_rules.csv', wrong_survivorship_lines(numbered_lines(seed), known)) %}
{%- do stop_on_wrong_lines(
    priorities, 'source_priorities.csv', wrong_priority_lines(numbered_lines(priorities), seed, known)
) %}
with

known as (

    select attribute
    from (
        values
        {%- for attribute in known %}
            ('{{ attribute }}'){{ ',' if not loop.last }}
        {%- endfor %}
    ) as names (attribute)

    union

    select attribute from {{ ref('survivorship_rules') }}

),

-- An attribute that no line names is a unit of its own, and its newest value stands.
filled as (

    select
        known.attribute,
        coalesce(nullif(btrim(rules.unit), ''), known.attribute) as unit,
        coalesce(nullif(btrim(rules.rule), ''), 'most_recent') as rule,
        coalesce(nullif(btrim(lower(rules.is_essential)), ''), 'true') = 'true' as is_essential,
        coalesce(nullif(btrim(lower(rules.is_compared)), ''), 'true') = 'true' as is_compared
    from known
    left join {{ ref('survivorship_rules') }} as rules on known.attribute = rules.attribute

)

select
    attribute,
    unit,
    rule,
    is_essential,
    is_compared,
    cast(count(*) filter (where is_essential) over (partition by unit) as integer) as essential_count
from filled
