-- How many of a segment can be reached on a channel, and why the others cannot. One row per segment and channel.
-- Each customer counts once per channel, for the first of these that is true: held back by support, link too weak,
-- consent denied, consent not given, no contact point, contact point reaches nobody. The order is that of the gate in
-- front of the destinations (activation). Marketing asks for a consent that was given; service only that none was
-- refused; a suppression list holds for everyone. A number for text messages needs that calls were not refused, either.
with

stated as (
    {{ segment_rows() | indent(4) }}
),

channels (channel, place) as (
    values ('advertising', 1), ('email', 2), ('phone', 3), ('sms', 4), ('whatsapp', 5)
),

held_back as (

    select distinct customer_id
    from stated
    where segment = any({{ segment_array(segments_that_hold_back()) }})

),

consents as (

    select
        customer_id,
        purpose,
        max(state) filter (where channel = 'advertising') as advertising,
        max(state) filter (where channel = 'email') as email,
        max(state) filter (where channel = 'phone') as phone,
        max(state) filter (where channel = 'sms') as sms,
        max(state) filter (where channel = 'whatsapp') as whatsapp
    from {{ ref('consents') }}
    group by customer_id, purpose

),

-- One obstacle per channel, null where there is none: advertising, email, phone, sms, whatsapp.
obstacles as (

    select
        traits.customer_id,
        consents.purpose,
        array[
            {{ segment_obstacle('advertising', 'has_email or has_phone', 'email_reachable or phone_reachable') }},
            {{ segment_obstacle('email', 'has_email', 'email_reachable') }},
            {{ segment_obstacle('phone', 'has_phone', 'phone_reachable') }},
            {{ segment_obstacle('sms', 'has_phone', 'phone_reachable', also='phone') }},
            {{ segment_obstacle('whatsapp', 'has_phone', 'phone_reachable') }}
        ] as obstacles
    from {{ ref('customer_features') }} as traits
    inner join consents
        on traits.customer_id = consents.customer_id

),

-- Members with the same obstacles are one row: there are few combinations.
groups as (

    select
        stated.segment,
        catalogue.purpose = 'marketing' and held_back.customer_id is not null as is_held_back,
        coalesce(traits.link_strength < catalogue.minimum_link_strength, true) as is_weak,
        obstacles.obstacles,
        count(*) as customer_count
    from stated
    inner join {{ ref('segment_catalogue') }} as catalogue
        on stated.segment = catalogue.segment
    inner join {{ ref('customer_features') }} as traits
        on stated.customer_id = traits.customer_id
    left join held_back
        on stated.customer_id = held_back.customer_id
    left join obstacles
        on stated.customer_id = obstacles.customer_id and catalogue.purpose = obstacles.purpose
    group by stated.segment, is_held_back, is_weak, obstacles.obstacles

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
            when groups.obstacles is null then 'consent_unknown'
            else coalesce(groups.obstacles[channels.place], 'reachable')
        end as outcome
    from groups
    inner join {{ ref('segment_catalogue') }} as catalogue
        on groups.segment = catalogue.segment
    cross join channels

)

select
    catalogue.segment,
    channels.channel,
    cast(sum(case judged.outcome when 'reachable' then judged.customer_count else 0 end) as bigint) as reachable_count,
    cast(sum(case judged.outcome when 'held_back' then judged.customer_count else 0 end) as bigint) as held_back_count,
    cast(sum(case judged.outcome when 'weak_link' then judged.customer_count else 0 end) as bigint) as weak_link_count,
    cast(
        sum(case judged.outcome when 'consent_denied' then judged.customer_count else 0 end) as bigint
    ) as consent_denied_count,
    cast(
        sum(case judged.outcome when 'consent_unknown' then judged.customer_count else 0 end) as bigint
    ) as consent_unknown_count,
    cast(
        sum(case judged.outcome when 'no_contact_point' then judged.customer_count else 0 end) as bigint
    ) as no_contact_point_count,
    cast(
        sum(case judged.outcome when 'unreachable' then judged.customer_count else 0 end) as bigint
    ) as unreachable_count,
    cast(coalesce(sum(judged.customer_count), 0) as bigint) as rule_count
from {{ ref('segment_catalogue') }} as catalogue
cross join channels
left join judged
    on catalogue.segment = judged.segment and channels.channel = judged.channel
group by catalogue.segment, channels.channel
