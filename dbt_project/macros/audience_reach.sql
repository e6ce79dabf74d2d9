{#-
  How many of the temporary table `audience` (customer_id, is_held_back) can be reached on a channel, and why the others
  cannot: as segment_reach counts, for an audience that is only being tried. One row per channel; those who are held back
  are in no count, all others in exactly one.
-#}
{% macro audience_reach(purpose, minimum_link_strength) -%}
with

judged as (

    select
        channels.channel,
        case
            when traits.link_strength < {{ minimum_link_strength }} then 'weak_link'
            when obstacles.customer_id is null then 'consent_unknown'
            else coalesce(channels.obstacle, 'reachable')
        end as outcome
    from audience
    inner join {{ ref('customer_features') }} as traits
        on audience.customer_id = traits.customer_id
    left join {{ ref('contact_obstacles') }} as obstacles
        on audience.customer_id = obstacles.customer_id and obstacles.purpose = '{{ purpose }}'
    cross join lateral ({{ obstacle_rows('obstacles') }}) as channels (channel, obstacle)
    where not audience.is_held_back

)

select
    channel,
    {%- for outcome in reach_outcomes() if outcome != 'held_back' %}
    count(*) filter (where outcome = '{{ outcome }}') as {{ outcome }}{{ ',' if not loop.last }}
    {%- endfor %}
from judged
group by channel
order by channel
{%- endmacro %}
