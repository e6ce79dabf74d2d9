-- How many of a segment can be reached on a channel, and why the others cannot. One row per segment and channel.
-- Each customer counts once per channel, for the first of these that is true: held back by support, link too weak, or
-- what `contact_obstacles` names. So it is what the gate in front of the destinations (activation) lets through, but
-- for suppressions. A suppression segment reaches all: it keeps out, and whoever were left off it would get a message.
{{ config(pre_hook="set local work_mem = '" ~ var('difference_work_mem', '256MB') ~ "'") }}
with

stated as not materialized (
    {{ segment_rows() | indent(4) }}
),

held_back as (

    select distinct customer_id
    from stated
    where segment = any({{ segment_array(segments_that_hold_back()) }})

),

-- Members with the same obstacles are one row: there are few combinations.
groups as (

    select
        stated.segment,
        catalogue.purpose = 'marketing' and held_back.customer_id is not null as is_held_back,
        coalesce(traits.link_strength < catalogue.minimum_link_strength, true) as is_weak,
        obstacles.customer_id is null as says_nothing,
        {{ obstacle_columns('obstacles') }},
        count(*) as customer_count
    from stated
    inner join {{ ref('segment_catalogue') }} as catalogue
        on stated.segment = catalogue.segment
    inner join {{ ref('customer_features') }} as traits
        on stated.customer_id = traits.customer_id
    left join held_back
        on stated.customer_id = held_back.customer_id
    left join {{ ref('contact_obstacles') }} as obstacles
        on stated.customer_id = obstacles.customer_id and catalogue.purpose = obstacles.purpose
    group by stated.segment, is_held_back, is_weak, says_nothing, {{ obstacle_columns('obstacles') }}

),

judged as (

    select
        groups.segment,
        channels.channel,
        groups.customer_count,
        case
            when catalogue.purpose = 'suppression' then 'reachable'
            when groups.is_held_back then 'held_back'
            when groups.is_weak then 'weak_link'
            when groups.says_nothing then 'consent_unknown'
            else coalesce(channels.obstacle, 'reachable')
        end as outcome
    from groups
    inner join {{ ref('segment_catalogue') }} as catalogue
        on groups.segment = catalogue.segment
    cross join lateral ({{ obstacle_rows('groups') }}) as channels (channel, obstacle)

)

select
    catalogue.segment,
    channels.channel,
    {{ outcome_counts() }},
    cast(coalesce(sum(judged.customer_count), 0) as bigint) as rule_count
from {{ ref('segment_catalogue') }} as catalogue
cross join unnest(array{{ contact_channels() | list }}) as channels (channel)
left join judged
    on catalogue.segment = judged.segment and channels.channel = judged.channel
group by catalogue.segment, channels.channel
