-- The best-known value of each attribute of a customer, the record it came from, the rule that chose it, and what lost.
-- One row per customer and attribute.
--
-- Attributes of one unit (the parts of a name, of an address) win together, so that no profile mixes the street of one
-- record with the city of another. An offer that has every essential part goes before one that lacks some; then the
-- unit's rule decides; what is still equal goes to the tidier spelling, the one with most accents (they are lost sooner
-- than invented), the more recent, the better source, the more frequent value, and at last the smaller record id, so
-- that the same input always gives the same profile.
with

rules as (

    select
        *,
        count(*) filter (where is_essential) over (partition by unit) as essential_count
    from {{ ref('survivorship_rules') }}

),

candidates as (

    select
        candidates.*,
        rules.unit,
        rules.rule,
        rules.is_essential,
        rules.is_compared,
        rules.essential_count
    from {{ ref('attribute_candidates') }} as candidates
    inner join rules on candidates.attribute = rules.attribute

),

offers as (

    select
        customer_id,
        unit,
        record_id,
        offer,
        source,
        entity,
        rule,
        observed_at,
        bool_or(is_verified) as is_verified,
        count(*) filter (where is_essential) = essential_count as is_whole,
        count(*) as part_count,
        sum(length(value)) as total_length,
        bool_and(value not in (lower(value), upper(value)) or lower(value) = upper(value)) as is_tidy,
        sum(length(regexp_replace(normalize(value, nfkd), '\s+', ' ', 'g')) - length(comparable)) as accent_count,
        string_agg(comparable, ' ' order by attribute) filter (where is_compared) as comparable,
        array_agg(attribute order by attribute) as attributes,
        array_agg(value order by attribute) as part_values,
        array_agg(comparable order by attribute) as part_comparables
    from candidates
    group by customer_id, unit, record_id, offer, source, entity, rule, observed_at, essential_count

),

weighed as (

    select
        offers.*,
        coalesce(own.priority, usual.priority, 100) as priority,
        case
            when offers.comparable is null then 1
            else count(*) over (partition by offers.customer_id, offers.unit, offers.comparable)
        end as frequency
    from offers
    left join {{ ref('source_priorities') }} as own
        on offers.unit = own.unit and offers.source = own.source and offers.entity = own.entity
    left join {{ ref('source_priorities') }} as usual
        on usual.unit = '*' and offers.source = usual.source and offers.entity = usual.entity

),

ranked as (

    select
        *,
        row_number() over (
            partition by customer_id, unit
            order by
                is_whole desc,
                case rule
                    when 'source_priority' then -priority
                    when 'most_recent' then extract(epoch from observed_at)
                    when 'most_frequent' then frequency
                    when 'most_complete' then 1000000 * part_count + total_length
                    when 'verified_first' then cast(is_verified as integer)
                end desc nulls last,
                is_tidy desc,
                accent_count desc,
                observed_at desc nulls last,
                priority asc,
                frequency desc,
                record_id collate "C" asc,
                offer collate "C" asc
        ) as rank
    from weighed

),

-- The units taken apart again. Windows instead of joins: this is the largest table here, and a planner without
-- statistics joins it to itself row by row.
placed as (

    select
        ranked.customer_id,
        parts.attribute,
        parts.value,
        parts.comparable,
        ranked.record_id,
        ranked.source,
        ranked.observed_at,
        ranked.rule,
        ranked.is_verified,
        ranked.rank,
        max(parts.comparable) filter (where ranked.rank = 1) over of_attribute as winning_comparable,
        row_number() over (
            partition by ranked.customer_id, parts.attribute, parts.comparable
            order by ranked.rank
        ) as occurrence
    from ranked
    cross join
        lateral
        unnest(ranked.attributes, ranked.part_values, ranked.part_comparables) as parts (attribute, value, comparable)
    window of_attribute as (partition by ranked.customer_id, parts.attribute)

)

select
    customer_id,
    attribute,
    max(value) filter (where rank = 1) as value,
    max(record_id) filter (where rank = 1) as record_id,
    max(source) filter (where rank = 1) as source,
    max(observed_at) filter (where rank = 1) as observed_at,
    max(rule) filter (where rank = 1) as rule,
    coalesce(bool_or(is_verified) filter (where rank = 1), false) as is_verified,
    -- Each different value once, as its best-placed record spells it.
    coalesce(
        jsonb_agg(
            jsonb_build_object(
                'value', value,
                'record_id', record_id,
                'source', source,
                'observed_at', {{ iso_timestamp('observed_at') }}
            )
            order by rank
        ) filter (where comparable <> winning_comparable and occurrence = 1),
        cast('[]' as jsonb)
    ) as alternatives
from placed
where winning_comparable is not null
group by customer_id, attribute
