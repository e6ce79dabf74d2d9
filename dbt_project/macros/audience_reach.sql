{#-
  How many of the temporary table `audience` (customer_id, is_held_back) can be reached on a channel, and why the others
  cannot: the obstacles of segment_reach, for an audience that is only being tried. One row per channel; those who are
  held back are in no count, all others in exactly one.
-#}
{% macro audience_reach(purpose, minimum_link_strength) -%}
with

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
    where purpose = '{{ purpose }}'
    group by customer_id, purpose

),

obstacles as (

    select
        audience.customer_id,
        traits.link_strength,
        array[
            {{ segment_obstacle('advertising', 'has_email or has_phone', 'email_reachable or phone_reachable') }},
            {{ segment_obstacle('email', 'has_email', 'email_reachable') }},
            {{ segment_obstacle('phone', 'has_phone', 'phone_reachable') }},
            {{ segment_obstacle('sms', 'has_phone', 'phone_reachable', also='phone') }},
            {{ segment_obstacle('whatsapp', 'has_phone', 'phone_reachable') }}
        ] as obstacles,
        consents.customer_id is null as says_nothing
    from audience
    inner join {{ ref('customer_features') }} as traits
        on audience.customer_id = traits.customer_id
    left join consents
        on audience.customer_id = consents.customer_id
    where not audience.is_held_back

),

judged as (

    select
        channels.channel,
        case
            when obstacles.link_strength < {{ minimum_link_strength }} then 'weak_link'
            when obstacles.says_nothing then 'consent_unknown'
            else coalesce(obstacles.obstacles[channels.place], 'reachable')
        end as outcome
    from obstacles
    cross join (
        values ('advertising', 1), ('email', 2), ('phone', 3), ('sms', 4), ('whatsapp', 5)
    ) as channels (channel, place)

)

select
    channel,
    count(*) filter (where outcome = 'reachable') as reachable,
    count(*) filter (where outcome = 'consent_denied') as consent_denied,
    count(*) filter (where outcome = 'consent_unknown') as consent_unknown,
    count(*) filter (where outcome = 'no_contact_point') as no_contact_point,
    count(*) filter (where outcome = 'unreachable') as unreachable,
    count(*) filter (where outcome = 'weak_link') as weak_link
from judged
group by channel
order by channel
{%- endmacro %}
