-- Which touchpoints belong to one conversation of one customer, across channels. One row per touchpoint that has one.
--
-- Talking (messages, calls, tickets, ...) that follows within `conversation_gap_days` makes an island. Islands are one
-- conversation when they share a case of a help desk, or an order within `conversation_order_days`. Browsing and buying
-- chain nothing together: each attaches to the conversation about its order, else to the island that it falls in, else
-- to the next island, when it leads there (see `leads`). A conversation is named after its first touchpoint of talking.
{{ config(
    materialized='difference',
    key=['interaction_id'],
    announces='customer_id',
    follows=['touchpoints'],
    indexes=[{'columns': ['customer_id']}, {'columns': ['conversation_id']}]
) }}

{%- set gap = "interval '" ~ var('conversation_gap_days', 3) ~ " days'" %}
{%- set order_gap = "interval '" ~ var('conversation_order_days', 30) ~ " days'" %}
{%- set lead = "interval '" ~ var('conversation_lead_days', 7) ~ " days'" %}

with

moments as (

    select
        interaction_id,
        customer_id,
        occurred_at,
        is_communication,
        kind,
        channel,
        case_id,
        order_id,
        product_id,
        category,
        campaign,
        session_id,
        max(case when is_communication then occurred_at end) over (
            partition by customer_id order by occurred_at, interaction_id
            rows between unbounded preceding and 1 preceding
        ) as last_said_at
    from {{ ref('touchpoints') }}
    where customer_id is not null and is_past and {{ only_changed('customer_id') }}

),

-- For talking its island; for the rest the last island that began before.
placed as materialized (

    select
        *,
        is_communication and coalesce(occurred_at - last_said_at > {{ gap }}, true) as begins,
        count(*) filter (where is_communication and coalesce(occurred_at - last_said_at > {{ gap }}, true)) over (
            partition by customer_id order by occurred_at, interaction_id
        ) as island
    from moments

),

islands as materialized (

    select
        customer_id,
        island,
        max(interaction_id) filter (where begins) as first_interaction_id,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at
    from placed
    where is_communication
    group by customer_id, island

),

-- Most orders nobody ever talks about.
spoken_of as (

    select distinct
        customer_id,
        order_id
    from placed
    where is_communication and order_id is not null

),

about_orders as materialized (

    select
        placed.interaction_id,
        placed.customer_id,
        placed.order_id,
        placed.occurred_at,
        placed.is_communication,
        placed.island,
        max(case when placed.is_communication then placed.occurred_at end) over earlier as said_before_at,
        max(case when placed.is_communication then placed.island end) over earlier as said_before,
        min(case when placed.is_communication then placed.occurred_at end) over later as said_after_at,
        min(case when placed.is_communication then placed.island end) over later as said_after
    from placed
    inner join spoken_of on placed.customer_id = spoken_of.customer_id and placed.order_id = spoken_of.order_id
    window
        earlier as (
            partition by placed.customer_id, placed.order_id order by placed.occurred_at, placed.interaction_id
            rows between unbounded preceding and 1 preceding
        ),
        later as (
            partition by placed.customer_id, placed.order_id
            order by placed.occurred_at desc, placed.interaction_id desc
            rows between unbounded preceding and 1 preceding
        )

),

-- An order's talking falls into stretches, each as long as nobody is silent about it for too long.
stretches as (

    select
        customer_id,
        island,
        order_id,
        count(*) filter (where coalesce(occurred_at - said_before_at > {{ order_gap }}, true)) over (
            partition by customer_id, order_id order by occurred_at, interaction_id
        ) as stretch
    from about_orders
    where is_communication

),

shared_keys as (

    select
        customer_id,
        'order ' || stretch || ' ' || order_id as shared_key,
        island
    from stretches

    union all

    select
        customer_id,
        'case ' || case_id as shared_key,
        island
    from placed
    where is_communication and case_id is not null

),

-- Each key's first island is the hub of the others: as few links as can be.
links as materialized (

    select distinct
        customer_id,
        hub,
        island
    from (
        select
            customer_id,
            island,
            min(island) over (partition by customer_id, shared_key) as hub
        from shared_keys
    ) as keyed
    where island > hub

),

firsts as (

    {{ first_of_linked('links') | indent(4) }}

),

named_islands as materialized (

    select
        islands.customer_id,
        islands.island,
        islands.started_at,
        islands.ended_at,
        md5('conversation:' || roots.first_interaction_id) as conversation_id
    from islands
    left join firsts on islands.customer_id = firsts.customer_id and islands.island = firsts.island
    inner join islands as roots
        on islands.customer_id = roots.customer_id and coalesce(firsts.root, islands.island) = roots.island

),

-- Browsing and buying, each with the islands around it.
passive as materialized (

    select
        placed.*,
        placed.island + 1 as next_island,
        following.started_at - placed.occurred_at as lead_time,
        case
            when about_orders.said_after_at - about_orders.occurred_at <= {{ order_gap }} then about_orders.said_after
            when about_orders.occurred_at - about_orders.said_before_at <= {{ order_gap }} then about_orders.said_before
            when placed.occurred_at <= around.ended_at then placed.island
        end as settled_island
    from placed
    left join about_orders on placed.interaction_id = about_orders.interaction_id
    left join islands as around on placed.customer_id = around.customer_id and placed.island = around.island
    left join islands as following
        on placed.customer_id = following.customer_id and placed.island + 1 = following.island
    where not placed.is_communication

),

-- What leads to the next island: what just precedes it (within a day), a click on an advertisement, or what shares its
-- channel, product, category or campaign. An advertisement is clicked to be thought over for days.
leads as (

    select distinct
        passive.interaction_id,
        passive.customer_id,
        passive.next_island,
        passive.session_id
    from passive
    left join placed as said
        on
            passive.customer_id = said.customer_id
            and passive.next_island = said.island
            and said.is_communication
            and (
                passive.channel = said.channel
                or passive.product_id = said.product_id
                or passive.category = said.category
                or passive.campaign = said.campaign
            )
    where
        passive.settled_island is null
        and passive.lead_time <= {{ lead }}
        and (
            passive.kind = 'ad_click'
            or passive.lead_time <= interval '1 day'
            or said.interaction_id is not null
        )

),

-- One visit to the web shop is not torn apart: what belongs to the session of what leads, leads too.
sessions as (

    select distinct
        customer_id,
        next_island,
        session_id
    from leads
    where session_id is not null

),

members as (

    select
        interaction_id,
        customer_id,
        island
    from placed
    where is_communication

    union all

    select
        passive.interaction_id,
        passive.customer_id,
        coalesce(passive.settled_island, passive.next_island) as island
    from passive
    left join leads on passive.interaction_id = leads.interaction_id
    left join sessions
        on
            passive.customer_id = sessions.customer_id
            and passive.next_island = sessions.next_island
            and passive.session_id = sessions.session_id
            and passive.lead_time <= {{ lead }}
    where
        passive.settled_island is not null
        or leads.interaction_id is not null
        or sessions.session_id is not null

)

select
    members.interaction_id,
    members.customer_id,
    named_islands.conversation_id
from members
inner join named_islands
    on members.customer_id = named_islands.customer_id and members.island = named_islands.island
