-- What there is to know of each kind of customer, on one card. One row per persona, those that nobody is included.
with

members as (

    select
        customer_personas.persona,
        customer_personas.customer_id,
        customer_figures.revenue,
        customer_figures.lifetime_value,
        customer_figures.favourite_category
    from {{ ref('customer_personas') }} as customer_personas
    left join {{ ref('customer_figures') }} as customer_figures
        on customer_personas.customer_id = customer_figures.customer_id

),

reachable as (

    select customer_id
    from {{ ref('contact_obstacles') }}
    where purpose = 'marketing' and num_nulls({{ contact_channels() | join(', ') }}) > 0

),

figures as (

    select
        members.persona,
        count(*) as customer_count,
        sum(members.revenue) as revenue,
        sum(members.lifetime_value) as lifetime_value,
        count(reachable.customer_id) as reachable_count
    from members
    left join reachable on members.customer_id = reachable.customer_id
    group by members.persona

),

habits as (

    select
        members.persona,
        habits.*
    from {{ ref('customer_habits') }} as habits
    inner join members on habits.customer_id = members.customer_id

),

journeys as (

    select distinct on (persona)
        persona,
        path as journey,
        times / sum(times) over (partition by persona) as journey_share
    from (
        select
            persona,
            channels[1:4] as path,
            count(*) as times
        from habits
        where channels <> '{}'
        group by persona, channels[1:4]
    ) as counted
    order by persona asc, times desc, path asc

),

named as (

    select
        habits.persona,
        'channel' as kind,
        used.name,
        sum(used.times) as times
    from habits
    cross join lateral unnest(habits.channels, habits.channel_uses) as used (name, times)
    group by habits.persona, used.name

    union all
    select
        habits.persona,
        'need' as kind,
        asked.name,
        sum(asked.times) as times
    from habits
    cross join lateral unnest(habits.needs, habits.need_times) as asked (name, times)
    where habits.needs <> '{}'
    group by habits.persona, asked.name

    union all
    select
        persona,
        'category' as kind,
        favourite_category as name,
        count(*) as times
    from members
    where favourite_category is not null
    group by persona, favourite_category

),

ranked as (

    select
        persona,
        kind,
        name,
        round(times / sum(times) over (partition by persona, kind), 4) as share,
        row_number() over (partition by persona, kind order by times desc, name asc) as place
    from named

),

mixes as (

    select
        persona,
        jsonb_agg(jsonb_build_object('name', name, 'share', share) order by place) filter (where kind = 'channel')
            as channels,
        jsonb_agg(jsonb_build_object('name', name, 'share', share) order by place) filter (
            where kind = 'need' and place <= {{ var('persona_needs', 5) }}
        ) as needs,
        array_agg(name order by place) filter (where kind = 'category' and place <= 3) as categories
    from ranked
    group by persona

)

select
    personas.persona,
    personas.label,
    personas.description,
    coalesce(figures.customer_count, 0) as customer_count,
    cast(figures.customer_count / nullif(sum(figures.customer_count) over (), 0) as numeric(5, 4)) as share,
    cast(coalesce(figures.revenue, 0) as numeric(18, 2)) as revenue,
    cast(figures.lifetime_value / nullif(sum(figures.lifetime_value) over (), 0) as numeric(5, 4)) as value_share,
    cast(figures.lifetime_value / figures.customer_count as numeric(18, 2)) as average_value,
    coalesce(mixes.channels, cast('[]' as jsonb)) as channels,
    coalesce(mixes.needs, cast('[]' as jsonb)) as needs,
    coalesce(journeys.journey, cast('{}' as text[])) as journey,
    cast(journeys.journey_share as numeric(5, 4)) as journey_share,
    coalesce(mixes.categories, cast('{}' as text[])) as categories,
    cast(cast(figures.reachable_count as numeric) / figures.customer_count as numeric(5, 4)) as reachable_share
from {{ ref('personas') }} as personas
left join figures on personas.persona = figures.persona
left join mixes on personas.persona = mixes.persona
left join journeys on personas.persona = journeys.persona
