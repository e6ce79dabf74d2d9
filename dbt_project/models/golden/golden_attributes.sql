-- The best-known value of each attribute of a customer, the record it came from, the rule that chose it, and what lost.
-- One row per customer and attribute.
--
-- Attributes of one unit (the parts of a name, of an address) win together, so that no profile mixes the street of one
-- record with the city of another. An identifier that reaches nobody never wins, one that is this person's goes before
-- a shared one, and an offer that has every essential part before one that lacks some; then the unit's rule decides.
-- What is still equal goes to the tidier spelling, the one with most accents (they are lost sooner than invented), the
-- more recent, the better source, the more frequent value, and at last the smaller record id, so that the same input
-- always gives the same profile.
{{ config(
    materialized='difference',
    key=['customer_id', 'attribute'],
    together='customer_id',
    announces='customer_id',
    follows=['record_inputs', 'record_identifiers'],
    watches=['attribute_rules', 'source_priorities']
) }}
with

-- The parts of a record put together to offers while it is at hand, one per unit: nothing large is grouped or sorted.
described as (

    select
        records.customer_id,
        units.unit,
        records.record_id,
        '' as offer,
        records.source,
        records.entity,
        units.rule,
        records.observed_at,
        false as is_verified,
        0 as standing,
        units.is_whole,
        units.part_count,
        units.total_length,
        units.is_tidy,
        units.accent_count,
        units.comparable,
        units.attributes,
        units.part_values,
        units.part_comparables
    from {{ ref('record_inputs') }} as records
    cross join
        lateral (  -- noqa: ST05
            {{ offers_of_record(ref('attribute_rules')) }}
        ) as units
    where {{ only_changed('records.customer_id') }}

),

identified as (

    select
        named.customer_id,
        coalesce(rules.unit, named.attribute) as unit,
        named.record_id,
        named.value as offer,
        named.source,
        named.entity,
        coalesce(rules.rule, 'most_recent') as rule,
        named.observed_at,
        named.is_verified,
        case named.type when 'personal' then 0 when 'household' then 1 else 2 end as standing,
        true as is_whole,
        1 as part_count,
        length(named.value) as total_length,
        true as is_tidy,
        0 as accent_count,
        named.value as comparable,
        array[named.attribute] as attributes,
        array[named.value] as part_values,
        array[named.value] as part_comparables
    from (
        select
            identifiers.*,
            records.source,
            records.entity,
            case
                when identifiers.kind in ('email', 'phone') then identifiers.kind else identifiers.kind || '_handle'
            end as attribute
        from {{ ref('record_identifiers') }} as identifiers
        inner join {{ ref('record_inputs') }} as records on identifiers.record_id = records.record_id
        where identifiers.type <> 'unreachable' and {{ only_changed('identifiers.customer_id') }}
    ) as named
    left join {{ ref('attribute_rules') }} as rules on named.attribute = rules.attribute

),

weighed as (

    select
        offers.*,
        coalesce(cast(own.priority as integer), cast(usual.priority as integer), 100) as priority,
        case
            when offers.comparable is null then 1
            else count(*) over (partition by offers.customer_id, offers.unit, offers.comparable)
        end as frequency
    from (
        select * from described
        union all
        select * from identified
    ) as offers
    left join {{ ref('source_priorities') }} as own
        on offers.unit = own.unit and offers.source = own.source and offers.entity = own.entity
    left join {{ ref('source_priorities') }} as usual
        on usual.unit = '*' and offers.source = usual.source and offers.entity = usual.entity

),

measured as (

    select
        *,
        case rule
            when 'source_priority' then -priority
            when 'most_recent' then extract(epoch from observed_at)
            when 'most_frequent' then frequency
            when 'most_complete' then 1000000 * part_count + total_length
            when 'verified_first' then cast(is_verified as integer)
        end as measure
    from weighed

),

-- One sort gives each offer its place, and the winner's own figures beside it, to say why it lost.
ranked as (

    select
        *,
        row_number() over by_merit as place,
        first_value(attributes) over by_merit as winning_attributes,
        first_value(part_comparables) over by_merit as winning_comparables,
        first_value(standing) over by_merit as winning_standing,
        first_value(is_whole) over by_merit as winning_is_whole,
        first_value(measure) over by_merit as winning_measure,
        first_value(is_tidy) over by_merit as winning_is_tidy,
        first_value(accent_count) over by_merit as winning_accent_count,
        first_value(observed_at) over by_merit as winning_observed_at,
        first_value(priority) over by_merit as winning_priority,
        first_value(frequency) over by_merit as winning_frequency
    from measured
    window by_merit as (
        partition by customer_id, unit
        order by
            standing asc,
            is_whole desc,
            measure desc nulls last,
            is_tidy desc,
            accent_count desc,
            observed_at desc nulls last,
            priority asc,
            frequency desc,
            record_id collate "C" asc,
            offer collate "C" asc
    )

),

-- What the rest needs, and no more: these rows are read twice.
judged as (

    select
        customer_id,
        record_id,
        source,
        observed_at,
        rule,
        is_verified,
        place,
        attributes,
        part_values,
        part_comparables,
        case when place > 1 then winning_attributes end as winning_attributes,
        case when place > 1 then winning_comparables end as winning_comparables,
        case
            when standing > winning_standing then 'shared with others'
            when is_whole <> winning_is_whole then 'lacks a part that the winner has'
            when (measure is distinct from winning_measure)
                then
                    case rule
                        when 'source_priority' then 'its source is believed less'
                        when 'most_recent' then 'older'
                        when 'most_frequent' then 'fewer records say so'
                        when 'most_complete' then 'says less'
                        when 'verified_first' then 'nobody vouches for it'
                    end
            when is_tidy <> winning_is_tidy then 'written without care'
            when accent_count <> winning_accent_count then 'has lost its accents'
            when (observed_at is distinct from winning_observed_at)
                then 'equal by the rule, but older'
            when priority <> winning_priority
                then 'equal by the rule, but its source is believed less'
            when frequency <> winning_frequency then 'equal by the rule, but fewer records say so'
            else 'equal in everything; the smaller record id decides'
        end as lost_because
    from ranked

),

winners as (

    select
        judged.customer_id,
        parts.attribute,
        parts.value,
        judged.record_id,
        judged.source,
        judged.observed_at,
        judged.rule,
        judged.is_verified
    from judged
    cross join lateral unnest(judged.attributes, judged.part_values) as parts (attribute, value)
    where judged.place = 1

),

others as (

    select
        judged.customer_id,
        parts.attribute,
        parts.value,
        judged.record_id,
        judged.source,
        judged.observed_at,
        judged.place,
        judged.lost_because,
        parts.comparable
        = judged.winning_comparables[array_position(judged.winning_attributes, parts.attribute)] as is_same,
        row_number() over (
            partition by judged.customer_id, parts.attribute, parts.comparable
            order by judged.place
        ) as occurrence
    from judged
    cross join
        lateral
        unnest(judged.attributes, judged.part_values, judged.part_comparables) as parts (attribute, value, comparable)
    where judged.place > 1 and parts.attribute = any(judged.winning_attributes)

),

-- Each different value once, as its best-placed record spells it.
lost as (

    select
        customer_id,
        attribute,
        min(observed_at) filter (where is_same) as first_observed_at,
        jsonb_agg(
            jsonb_build_object(
                'value', value,
                'record_id', record_id,
                'source', source,
                'observed_at', {{ iso_timestamp('observed_at') }},
                'lost_because', lost_because
            )
            order by place
        ) filter (where not is_same and occurrence = 1) as alternatives
    from others
    group by customer_id, attribute

)

select
    winners.customer_id,
    winners.attribute,
    winners.value,
    winners.record_id,
    winners.source,
    winners.observed_at,
    least(winners.observed_at, lost.first_observed_at) as first_observed_at,
    winners.rule,
    winners.is_verified,
    coalesce(lost.alternatives, cast('[]' as jsonb)) as alternatives
from winners
left join lost on winners.customer_id = lost.customer_id and winners.attribute = lost.attribute
